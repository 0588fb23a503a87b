// Clients that nobody wrote: generated from the document, in two languages, each doing a user's work against the real server.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { sample } from '../lib/apptainer.mjs';
import { Library } from '../lib/library.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd, until } from '../lib/temp.mjs';

const run = promisify(execFile);
const here = (name) => new URL(name, import.meta.url).pathname;
let server, token, clients;

before(async () => {
  clients = (await run(here('../generated/generate'), [], { maxBuffer: 64 << 20 })).stdout.trim();
  server = await Server.start(atEnd);
  token = await server.user('amy');
  await new Library(server.url, token).push(sample('tiny'), 'amy/tools/demo:1.0');
  const image = '/collections/tools/containers/demo/images/1.0';
  await until('the image is read', async () => (await server.api('GET', image, { token })).image.state === 'ready');
});

test('the generated Python client does the work of a script', async () => {
  const env = { ...process.env, PYTHONPATH: join(clients, 'python'), PYTHONDONTWRITEBYTECODE: '1' };
  const python = join(clients, 'python/venv/bin/python3');
  const { stdout } = await run(python, ['-W', 'error', here('../generated/scenario.py'), server.url, token], { env });
  assert.equal(stdout, 'python: done\n');
});

test('the generated TypeScript client compiles strictly and does the work of a program', async () => {
  const folder = join(clients, 'typescript');
  await copyFile(here('../generated/scenario.ts'), join(folder, 'scenario.ts'));
  const compiled = await run(here('../node_modules/.bin/tsc'), ['-p', folder]).catch((error) => error);
  assert.equal(compiled.stdout, '');
  const { stdout } = await run('node', [join(folder, 'out/scenario.js'), server.url, token]);
  assert.equal(stdout, 'typescript: done\n');
});
