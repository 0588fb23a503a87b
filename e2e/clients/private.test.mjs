// A private collection: its owner works in it as in any other, and for a stranger it does not exist.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';
import { Client, sample, sha256 } from '../lib/apptainer.mjs';

const ref = 'library://amy/secret/plan:1';
let server, owner, stranger, visitor;

before(async () => {
  server = await Server.start(atEnd);
  const token = await server.user('amy');
  owner = await Client.at(atEnd, server.url, token);
  stranger = await Client.at(atEnd, server.url, await server.user('eve'));
  visitor = await Client.at(atEnd, server.url);
  await server.api('POST', '/collections', { token, body: { name: 'secret', private: true } });
  await owner.push(sample('full'), ref);
});

test('the owner pulls', async () => {
  assert.equal(await sha256(await owner.pull(ref)), await sha256(sample('full')));
});

for (const who of ['stranger', 'visitor']) {
  const client = () => ({ stranger, visitor })[who];

  test(`for a ${who} it does not exist, exactly as what never existed`, async () => {
    const hidden = await client().attempt('pull', client().path('x.sif'), ref);
    const absent = await client().attempt('pull', client().path('x.sif'), 'library://amy/nothing/plan:1');
    assert.notEqual(hidden.code, 0);
    assert.match(hidden.output, /does not exist|not found/i);
    const reason = (output) => output.replaceAll(/secret|nothing/g, '…').replaceAll(/\d\d:\d\d:\d\d/g, '');
    assert.equal(reason(hidden.output), reason(absent.output));
  });

  test(`a ${who} cannot pull by hash`, async () => {
    const byHash = `library://amy/secret/plan:sha256.${await sha256(sample('full'))}`;
    const { code } = await client().attempt('pull', client().path('x.sif'), byHash);
    assert.notEqual(code, 0);
  });

  test(`a ${who} does not find it`, async () => {
    const { output } = await client().attempt('search', 'plan');
    assert.doesNotMatch(output, /secret/);
  });

  test(`a ${who} cannot delete it`, async () => {
    const { code } = await client().attempt('delete', '--force', ref);
    assert.notEqual(code, 0);
    assert.equal(await sha256(await owner.pull(ref)), await sha256(sample('full')));
  });
}

test('a stranger cannot push into it', async () => {
  const { code } = await stranger.attempt('push', '-U', sample('tiny'), 'library://amy/secret/mine:1');
  assert.notEqual(code, 0);
  const { code: read } = await owner.attempt('pull', owner.path('y.sif'), 'library://amy/secret/mine:1');
  assert.notEqual(read, 0, 'nothing of it stayed behind');
});

test('a stranger who holds the same bytes gets no short cut', async () => {
  // Were “already here” said of bytes that the stranger may not read, it would give them away.
  await stranger.push(sample('full'), 'library://eve/own/plan:1');
  assert.equal(await sha256(await stranger.pull('library://eve/own/plan:1')), await sha256(sample('full')));
});

test('the owner finds it', async () => {
  assert.match(await owner.run('search', 'plan'), /library:\/\/amy\/secret\/plan:1/);
});
