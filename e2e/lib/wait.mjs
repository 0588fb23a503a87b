// Folders and waiting: for tests and for the benchmark, which is no test.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Makes a folder that is removed when its test (with the test's own `after`) or its file (with `atEnd`) ends. */
export async function tempDir(after) {
  const dir = await mkdtemp(join(tmpdir(), 'sregistry-e2e-'));
  after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/**
 * Waits until `condition` gives something truthy and returns it; an exception counts as “not yet”.
 * Fails with `what` and the last reason after `seconds`.
 */
export async function until(what, condition, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  let reason = '';
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      reason = `: ${error.message}`;
    }
    if (Date.now() > end) throw new Error(`gave up after ${seconds} s waiting until ${what}${reason}`);
    await pause(25);
  }
}
