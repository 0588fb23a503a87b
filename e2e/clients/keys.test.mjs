// The key server and the signatures inside images, with the real clients: apptainer's `key`, `sign`, `verify`, and gpg.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { copyFile, open, writeFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { Server } from '../lib/server.mjs';
import { atEnd, until } from '../lib/temp.mjs';
import { Client, sample, sha256 } from '../lib/apptainer.mjs';
import { Gpg } from '../lib/gpg.mjs';

let server, amy, visitor;

before(async () => {
  server = await Server.start(atEnd);
  amy = await Client.at(atEnd, server.url, await server.user('amy'));
  visitor = await Client.at(atEnd, server.url);
});

/** Makes a key as people do; returns its fingerprint. */
async function makeKey(client, name, email) {
  await client.run('key', 'newpair', '--password', '', '--push=false', '--name', name, '--email', email, '--comment', 'test');
  const list = await client.run('key', 'list');
  return list.match(/[0-9A-F]{40}/g).at(-1);
}

/** A copy of a sample image with a signature. */
async function signed(client, name, ...flags) {
  const file = client.path(name);
  await copyFile(sample('full'), file);
  await client.run('sign', ...flags, file);
  return file;
}

/** Changes one byte of the file's largest object, which is what signatures are there to notice. */
async function tamper(file) {
  const handle = await open(file, 'r+');
  const { size } = await handle.stat();
  const at = Math.floor(size / 2);
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
  buffer[0] ^= 0xff;
  await handle.write(buffer, 0, 1, at);
  await handle.close();
}

async function signature(tag) {
  const { signatures } = await server.api('GET', `/collections/lab/containers/tool/images/${tag}`);
  assert.equal(signatures.length, 1);
  return signatures[0];
}

const becomes = (tag, state) =>
  until(`${tag} is ${state}`, async () => {
    const found = await signature(tag);
    assert.equal(found.state, state, JSON.stringify(found));
    return found;
  });

describe('a key of apptainer', () => {
  let fingerprint;

  before(async () => {
    fingerprint = await makeKey(amy, 'Amy Able', 'amy@lab.example');
  });

  test('is pushed by who is signed in, and by nobody else', async () => {
    const stranger = await Client.at(atEnd, server.url);
    const theirs = await makeKey(stranger, 'Eve', 'eve@lab.example');
    const refused = await stranger.attempt('key', 'push', theirs);
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /unauthori[sz]ed|token|signed in/i);
    const output = await amy.run('key', 'push', fingerprint);
    assert.match(output, new RegExp(`OK: key ${fingerprint} added`));
    assert.match(await amy.run('key', 'push', fingerprint), /known already/);
  });

  test('is found by name, address and fingerprint', async () => {
    for (const search of ['Able', 'amy@lab.example', fingerprint, `0x${fingerprint}`]) {
      const output = await visitor.run('key', 'search', search);
      assert.match(output, /Showing 1 results/);
      assert.match(output, /Amy Able/);
    }
    const long = await visitor.run('key', 'search', '-l', 'Able');
    assert.match(long, new RegExp(fingerprint));
    assert.match(long, /RSA/);
    const { output } = await visitor.attempt('key', 'search', 'nobody-of-this-name');
    assert.doesNotMatch(output, /Showing 1/);
  });

  test('is pulled', async () => {
    await visitor.run('key', 'pull', fingerprint);
    assert.match(await visitor.run('key', 'list'), new RegExp(fingerprint));
    const { code } = await visitor.attempt('key', 'pull', '0'.repeat(40));
    assert.notEqual(code, 0);
  });

  test('stands for the image that it signed', async () => {
    const file = await signed(amy, 'signed.sif');
    // Without `-U` the client asks the key server itself before it pushes.
    await amy.run('push', file, 'library://amy/lab/tool:signed');
    const found = await becomes('signed', 'valid');
    assert.equal(found.fingerprint, fingerprint);
    assert.equal(found.signer.fingerprint, fingerprint);
    assert.equal(found.signer.username, 'amy');
    assert.deepEqual(found.signer.user_ids, ['Amy Able (test) <amy@lab.example>']);
    assert.equal(found.complete, true);
    assert.equal(found.problem, null);
    assert.match(await visitor.run('search', '--signed', 'tool'), new RegExp(fingerprint));
  });

  test('is fetched by a client that verifies', async () => {
    const stranger = await Client.at(atEnd, server.url);
    const file = await stranger.pull('library://amy/lab/tool:signed');
    assert.equal(await sha256(file), await sha256(amy.path('signed.sif')));
    const output = await stranger.run('verify', file);
    assert.match(output, /Amy Able/);
    assert.match(output, /verified/i);
  });

  test('does not stand for a file that was changed', async () => {
    const file = await signed(amy, 'tampered.sif');
    await tamper(file);
    await amy.push(file, 'library://amy/lab/tool:tampered');
    const found = await becomes('tampered', 'invalid');
    assert.match(found.problem, /not what was signed/);
    // The client says the same.
    const { code } = await amy.attempt('verify', file);
    assert.notEqual(code, 0);
  });
});

test('an image is signed by a key that comes later', async () => {
  const bob = await Client.at(atEnd, server.url, await server.user('amy'));
  const fingerprint = await makeKey(bob, 'Bob', 'bob@lab.example');
  await bob.push(await signed(bob, 'early.sif'), 'library://amy/lab/tool:early');
  assert.equal((await becomes('early', 'unknown_key')).fingerprint, fingerprint);
  await bob.run('key', 'push', fingerprint);
  assert.equal((await becomes('early', 'valid')).signer.fingerprint, fingerprint);
});

test('a signature with a PEM key is shown as not checked', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = amy.path('private.pem');
  await writeFile(pem, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await amy.push(await signed(amy, 'pem.sif', '--key', pem), 'library://amy/lab/tool:pem');
  // So is every signature for the moment until it was looked at; only this one stays so, and says why.
  const found = await until('the signature was looked at', async () => {
    const found = await signature('pem');
    assert.ok(found.problem, JSON.stringify(found));
    return found;
  });
  assert.equal(found.state, 'not_checked');
  assert.equal(found.kind, 'dsse');
  assert.match(found.problem, /not checked here/);
});

describe('gpg', () => {
  let open, grace, friend, fingerprint;

  before(async () => {
    open = await Server.start(atEnd, { env: { SREGISTRY_KEYSERVER_ANONYMOUS_ADD: 'true' } });
    grace = await Gpg.at(atEnd, open.url);
    friend = await Gpg.at(atEnd, open.url);
    fingerprint = await grace.makeKey('Grace Hopper <grace@navy.example>');
  });

  test('cannot send where keys are taken from people who are signed in', async () => {
    const refused = await Gpg.at(atEnd, server.url);
    const theirs = await refused.makeKey('Nobody <nobody@navy.example>');
    const { code } = await refused.attempt('--send-keys', theirs);
    assert.notEqual(code, 0);
    assert.equal((await fetch(`${server.url}/pks/lookup?op=get&search=nobody`)).status, 404);
  });

  test('sends, searches and receives', async () => {
    await grace.run('--send-keys', fingerprint);
    const { output } = await friend.attempt('--search-keys', 'grace@navy.example');
    assert.match(output, /Grace Hopper <grace@navy\.example>/);
    assert.match(output, /256 bit EDDSA/i);
    await friend.run('--recv-keys', fingerprint.slice(-16));
    const [key] = await friend.keys();
    assert.equal(key.fingerprint, fingerprint);
    assert.deepEqual(key.users, ['Grace Hopper <grace@navy.example>']);
    const locator = await Gpg.at(atEnd, open.url);
    await locator.run('--auto-key-locate', 'keyserver', '--locate-keys', 'grace@navy.example');
    assert.equal((await locator.keys())[0].fingerprint, fingerprint);
  });

  test('leaves behind what others certified', async () => {
    const fan = await friend.makeKey('Fan <fan@navy.example>');
    await friend.run('--quick-sign-key', fingerprint);
    await friend.run('--send-keys', fingerprint);
    const text = await (await fetch(`${open.url}/pks/lookup?op=get&search=0x${fingerprint}`)).text();
    const file = `${grace.home}/served.asc`;
    await writeFile(file, text);
    const packets = await grace.run('--list-packets', file);
    assert.doesNotMatch(packets, new RegExp(fan.slice(-16)));
    assert.match(packets, new RegExp(fingerprint.slice(-16)));
  });

  test('refreshes what was added and taken back', async () => {
    await grace.run('--quick-add-uid', fingerprint, 'Grace at home <grace@home.example>');
    await grace.run('--send-keys', fingerprint);
    await friend.run('--refresh-keys', fingerprint);
    const users = async () => (await friend.keys(fingerprint))[0].users.toSorted();
    assert.deepEqual(await users(), ['Grace Hopper <grace@navy.example>', 'Grace at home <grace@home.example>']);
    await grace.revoke(fingerprint);
    await grace.run('--send-keys', fingerprint);
    await friend.run('--refresh-keys', fingerprint);
    assert.equal((await friend.keys(fingerprint))[0].revoked, true);
    const list = await (await fetch(`${open.url}/pks/lookup?op=index&options=mr&search=grace`)).text();
    assert.match(list, new RegExp(`^pub:${fingerprint}:22:256:\\d+:\\d+:r$`, 'm'));
  });

  test('does not send secret keys, and they would not be kept', async () => {
    const keytext = await grace.run('--armor', '--export-secret-keys', fingerprint);
    const answer = await fetch(`${open.url}/pks/add`, { method: 'POST', body: new URLSearchParams({ keytext }) });
    assert.equal(answer.status, 400);
    assert.match((await answer.json()).error.message, /secret key/);
  });
});
