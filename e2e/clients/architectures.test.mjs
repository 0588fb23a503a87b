// One tag, several architectures: each client gets its own.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';
import { Client, sample, sha256 } from '../lib/apptainer.mjs';

const ref = 'library://amy/tools/multi:1.0';
let server, amy;

before(async () => {
  server = await Server.start(atEnd);
  amy = await Client.at(atEnd, server.url, await server.user('amy'));
  await amy.push(sample('full'), ref);
  await amy.push(sample('arm64'), ref);
});

test('one tag gives each architecture its own image', async () => {
  assert.equal(await sha256(await amy.pull(ref, 'amd64.sif', '--arch', 'amd64')), await sha256(sample('full')));
  assert.equal(await sha256(await amy.pull(ref, 'arm64.sif', '--arch', 'arm64')), await sha256(sample('arm64')));
});

test('an architecture that was never pushed is not there', async () => {
  const { code, output } = await amy.attempt('pull', '--arch', 'ppc64le', amy.path('ppc.sif'), ref);
  assert.notEqual(code, 0);
  assert.match(output, /does not exist|not found/i);
});

test('a search for one architecture finds only that one', async () => {
  const both = await amy.run('search', '--arch', 'arm64', 'multi');
  assert.match(both, /library:\/\/amy\/tools\/multi:1\.0/);
  const none = await amy.attempt('search', '--arch', 'ppc64le', 'multi');
  assert.doesNotMatch(none.output, /library:\/\/amy\/tools\/multi/);
});

test('deleting one architecture leaves the other', async () => {
  await amy.run('delete', '--force', '--arch', 'arm64', ref);
  const { code } = await amy.attempt('pull', '--force', '--disable-cache', '--arch', 'arm64', amy.path('a.sif'), ref);
  assert.notEqual(code, 0);
  assert.equal(await sha256(await amy.pull(ref, 'b.sif', '--arch', 'amd64')), await sha256(sample('full')));
});
