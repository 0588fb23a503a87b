// Runs schemathesis, which makes requests from the API's document, good ones and bad ones, and holds the answers against it.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir } from './wait.mjs';

const run = promisify(execFile);
const PROGRAM = join(process.env.SREGISTRY_E2E_LAB, 'schemathesis/bin/schemathesis');
const here = (name) => new URL(name, import.meta.url).pathname;

// Only what is ours to shape. The protocols in the same document are dictated by the clients that speak them, with answers of
// their own that the document tells in words alone; those clients, the real ones, are what they are tested with.
const OURS = '^/api/v1/';

/**
 * Fuzzes the server at `url` with all checks; returns `{ ok, result, output }`, the result as its report has it.
 * `token` makes it somebody, `own` names the account and the token that must survive.
 */
export async function fuzz(after, url, { token, own = {}, examples, seed, args = [] }) {
  const report = join(await tempDir(after), 'report.json');
  const options = [
    '--config-file', here('../fuzz/schemathesis.toml'), 'run', here('../../openapi/openapi.json'), '--url', url,
    '--include-path-regex', OURS, '--checks', 'all', '--seed', String(seed), '--max-examples', String(examples),
    '--generation-database', 'none', '--report-json-path', report, '--no-color', ...args,
  ];
  if (token) options.push('--header', `Authorization: Bearer ${token}`);
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', FUZZ_OWN_USERS: own.users?.join(' '), FUZZ_OWN_TOKENS: own.tokens?.join(' ') };
  const ended = await run(PROGRAM, options, { env, cwd: here('../fuzz'), maxBuffer: 256 << 20 }).catch((error) => error);
  const output = `${ended.stdout}${ended.stderr}`;
  const result = JSON.parse(await readFile(report, 'utf8').catch(() => { throw new Error(output); }));
  return { ok: result.exit_code === 0 && result.complete, result, output };
}
