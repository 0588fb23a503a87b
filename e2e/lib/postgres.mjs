// A PostgreSQL of a test's own, beside the SQLite that most end-to-end tests use.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir } from './wait.mjs';

const run = promisify(execFile);
const SCRIPT = new URL('../../scripts/lab/postgres', import.meta.url).pathname;

/** Starts one, and returns the address of its database. */
export async function postgres(after) {
  const folder = join(await tempDir(after), 'pg');
  const { stdout } = await run(SCRIPT, ['start', folder]);
  after(() => run(SCRIPT, ['stop', folder]));
  return stdout.trim();
}
