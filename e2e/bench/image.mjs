// Images of any size: a real one, then bytes that no digest has seen before.
import { execFileSync } from 'node:child_process';
import { copyFile, open } from 'node:fs/promises';
import { sample } from '../lib/apptainer.mjs';

/** Writes an image of `bytes` bytes: the tiny sample and random bytes behind it, which belong to no part of it. */
export async function randomImage(file, bytes) {
  await copyFile(sample('tiny'), file);
  const handle = await open(file, 'r+');
  const { size } = await handle.stat();
  await handle.close();
  execFileSync('sh', ['-c', `head -c ${bytes - size} /dev/urandom >> '${file}'`]);
}
