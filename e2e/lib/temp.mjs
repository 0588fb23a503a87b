// Folders, waiting and tidying up: what every end-to-end test needs and no test should write again.
import { after } from 'node:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const tidying = [];
after(async () => {
  for (const action of tidying.reverse()) await action();
});

/** Has `action` run when all tests of the file have ended, the last one registered first. */
export const atEnd = (action) => tidying.push(action);

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
