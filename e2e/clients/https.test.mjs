// Plain HTTPS and share links with the programs that people have: curl and wget, cut off in the middle and going on.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { Server } from '../lib/server.mjs';
import { Library } from '../lib/library.mjs';
import { sample, sha256, size } from '../lib/apptainer.mjs';
import { atEnd, tempDir, until } from '../lib/temp.mjs';

const run = promisify(execFile);
const images = '/collections/secret/containers/big/images/1';
let server, token, dir, file, digest;

before(async () => {
  server = await Server.start(atEnd);
  token = await server.user('amy');
  dir = await tempDir(atEnd);
  await server.api('POST', '/collections', { token, body: { name: 'secret', private: true } });
  await server.api('POST', '/collections', { token, body: { name: 'tools' } });
  const library = new Library(server.url, token);
  digest = await library.push(sample('big'), 'amy/tools/big:1');
  await library.push(sample('big'), 'amy/secret/big:1');
  file = `${server.url}/download/tools/big/1.sif`;
});

const path = (name) => join(dir, name);
const share = (body) => server.api('POST', `${images}/share_links`, { token, body });
const counted = async (collection) =>
  (await server.api('GET', `/collections/${collection}/containers/big/download_limit`, { token })).used;

/** Runs a program in the test's folder; returns how it ended. */
async function attempt(program, ...args) {
  try {
    const { stdout } = await run(program, args, { cwd: dir });
    return { code: 0, output: stdout };
  } catch ({ code, stdout, stderr }) {
    return { code, output: stdout + stderr };
  }
}

async function good(program, ...args) {
  const { code, output } = await attempt(program, ...args);
  assert.equal(code, 0, `${program} ${args.join(' ')}: ${output}`);
  return output;
}

/** Starts a slow download and kills it when a part of the file is there. Returns how much is. */
async function cutOff(target, program, ...args) {
  const child = spawn(program, args, { cwd: dir, stdio: 'ignore' });
  const closed = once(child, 'close');
  await until('a part of the file is there', async () => (await stat(target)).size > 2_000_000);
  child.kill('SIGKILL');
  await closed;
  const part = await size(target);
  assert.ok(part < (await size(sample('big'))), 'it was cut off');
  return part;
}

test('curl goes on where it was cut off, and the checksum is right', async () => {
  const part = await cutOff(path('curl.sif'), 'curl', '-s', '--limit-rate', '20M', '-o', 'curl.sif', file);
  const sent = await good('curl', '-sf', '-C', '-', '-w', '%{size_download}', '-o', 'curl.sif', file);
  assert.equal(Number(sent), (await size(sample('big'))) - part, 'only the rest was sent');
  assert.equal(await sha256(path('curl.sif')), digest);
});

test('wget goes on where it was cut off, and sha256sum agrees', async () => {
  const name = basename(file);
  await cutOff(path(name), 'wget', '-q', '--limit-rate=20m', file);
  await good('wget', '-q', '-c', file);
  await good('wget', '-q', `${file}.sha256`);
  assert.match(await good('sha256sum', '-c', `${name}.sha256`), /1\.sif: OK/);
});

test('what came in two pieces counts as one download', async () => {
  await until('two downloads are counted', async () => (await counted('tools')) === 2);
});

test('by digest, and named as the server says', async () => {
  await good('curl', '-sf', '-OJ', `${server.url}/download/tools/big/sha256:${digest}.sif`);
  assert.equal(await sha256(path(`big_${digest.slice(0, 12)}.sif`)), digest);
});

test('a private image takes a token, in the ways that curl and wget know', async () => {
  const url = `${server.url}/download/secret/big/1.sif`;
  const refused = await attempt('curl', '-s', '-w', '%{http_code}', url);
  assert.match(refused.output, /image “secret\/big:1” not found\n404$/);
  await good('curl', '-sf', '-u', `amy:${token}`, '-o', 'basic.sif', url);
  await good('curl', '-sf', '-H', `Authorization: Bearer ${token}`, '-r', '0-9', '-o', 'bearer.part', url);
  await good('wget', '-q', '--auth-no-challenge', '--user=amy', `--password=${token}`, '-O', 'wget.sif', url);
  assert.equal(await sha256(path('basic.sif')), digest);
  assert.equal(await sha256(path('wget.sif')), digest);
  assert.equal(await size(path('bearer.part')), 10);
});

test('a link gives as many downloads as it was made for, and cuts cost none', async () => {
  const { url, link } = await share({ expires_in_hours: 1, max_uses: 2 });
  const uses = async () =>
    (await server.api('GET', '/share_links', { token })).items.find(({ id }) => id === link.id).uses;
  await cutOff(path('shared.sif'), 'curl', '-s', '--limit-rate', '20M', '-o', 'shared.sif', url);
  await good('curl', '-sf', '-C', '-', '-o', 'shared.sif', url);
  assert.equal(await sha256(path('shared.sif')), digest);
  assert.equal(await uses(), 1);
  await good('wget', '-q', url);
  assert.equal(await sha256(path('big_1.sif')), digest);
  assert.equal(await uses(), 2);
  const over = await attempt('curl', '-s', '-w', '%{http_code}', url);
  assert.match(over.output, /given all the downloads.*\n410$/);
  assert.ok(!server.log.includes(url.split('/')[4]), 'the secret is not in the log');
});

test('a revoked link ends', async () => {
  const { url, link } = await share({ expires_in_hours: 1 });
  await good('curl', '-sf', '-r', '0-9', '-o', 'part', url);
  await server.api('DELETE', `/share_links/${link.id}`, { token });
  const over = await attempt('curl', '-s', '-w', '%{http_code}', url);
  assert.match(over.output, /revoked.*\n410$/);
});

test('a used up limit says when to come back, and a command lets it begin anew', async () => {
  const limit = '/collections/tools/containers/big/download_limit';
  await server.api('PUT', limit, { token, body: { rule: 'own', limit: 1 } });
  const refused = await attempt('curl', '-s', '-D', '-', file);
  assert.match(refused.output, /^HTTP\/1\.1 429/);
  assert.match(refused.output, /retry-after: \d+/i);
  await until('all that was counted is written', async () => {
    await server.command('reset_container_limits');
    return (await counted('tools')) === 0;
  });
  await good('curl', '-sf', '-o', 'again.sif', file);
  assert.equal(await sha256(path('again.sif')), digest);
});
