// Signing in with the real client, as a person who has just copied a token from the token page.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { writeFile } from 'node:fs/promises';
import { Server } from '../lib/server.mjs';
import { atEnd, until } from '../lib/temp.mjs';
import { Client, sample } from '../lib/apptainer.mjs';

let server, token;

before(async () => {
  server = await Server.start(atEnd);
  token = await server.user('amy');
});

test('login with a token is accepted and kept', async (t) => {
  const client = await Client.at(t.after.bind(t), server.url);
  const file = client.path('token');
  await writeFile(file, token);
  const output = await client.run('remote', 'login', '--tokenfile', file, 'here');
  assert.match(output, /Access Token Verified/i);
  assert.ok((await client.remotes()).includes(token), 'the client kept the token');
});

test('login with an unknown token is refused with a reason', async (t) => {
  const client = await Client.at(t.after.bind(t), server.url);
  const file = client.path('token');
  await writeFile(file, token.replace(/.{20}$/, 'x'.repeat(20)));
  const { code, output } = await client.attempt('remote', 'login', '--tokenfile', file, 'here');
  assert.notEqual(code, 0);
  assert.match(output, /invalid credentials/i);
});

test('status shows the services and that the token is good', async (t) => {
  const client = await Client.at(t.after.bind(t), server.url, token);
  const output = await client.run('remote', 'status', 'here');
  assert.match(output, /Library\s+OK/);
  assert.match(output, /Keyserver\s+OK/);
  assert.match(output, /Valid authentication token/i);
  assert.match(output, /amy/);
});

test('a push without a token says so', async (t) => {
  const client = await Client.at(t.after.bind(t), server.url);
  const { code, output } = await client.attempt('push', '-U', sample('tiny'), 'library://amy/tools/tiny:1');
  assert.notEqual(code, 0);
  assert.match(output, /token/i);
});

test('a disabled user can no longer push', async (t) => {
  const cut = await server.user('mallory');
  const client = await Client.at(t.after.bind(t), server.url, cut);
  await client.push(sample('tiny'), 'library://mallory/tools/tiny:1');
  await server.command('user', 'disable', 'mallory');
  // The running server learns of what another process did within seconds.
  const refused = async () => (await client.attempt('push', '-U', sample('full'), 'library://mallory/tools/full:1')).code !== 0;
  await until('the token stops working', refused, 15);
});
