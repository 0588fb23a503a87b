// What is on the disk.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that the files under `dir` occupy (as `du` counts: a sparse file is only as big as what is written). */
export async function bytesUnder(dir) {
  let sum = 0;
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    // A file may go while the folder is read.
    const info = entry.isFile() ? await lstat(join(entry.path, entry.name)).catch(() => undefined) : undefined;
    sum += (info?.blocks ?? 0) * 512;
  }
  return sum;
}
