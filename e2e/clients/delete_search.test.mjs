// Finding and removing images with the real client.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';
import { Client, sample, sha256 } from '../lib/apptainer.mjs';

let server, amy, ben;

before(async () => {
  server = await Server.start(atEnd);
  amy = await Client.at(atEnd, server.url, await server.user('amy'));
  ben = await Client.at(atEnd, server.url, await server.user('ben'));
  await amy.push(sample('tiny'), 'library://amy/climate/ocean:1.0,stable');
  await amy.push(sample('full'), 'library://amy/climate/weather:1.0');
});

test('a search finds images by part of a name, with all their tags', async () => {
  const output = await ben.run('search', 'ocean');
  assert.match(output, /library:\/\/amy\/climate\/ocean:\S*1\.0/);
  assert.match(output, /stable/);
  assert.doesNotMatch(output, /weather/);
});

test('a search finds the images of a collection', async () => {
  const output = await ben.run('search', 'climate');
  assert.match(output, /ocean/);
  assert.match(output, /weather/);
});

test('a search without a hit says so', async () => {
  const { output } = await ben.attempt('search', 'volcano');
  assert.match(output, /No (container )?images found/i);
});

test('another user cannot delete', async () => {
  const { code } = await ben.attempt('delete', '--force', 'library://amy/climate/ocean:1.0');
  assert.notEqual(code, 0);
  assert.equal(await sha256(await ben.pull('library://amy/climate/ocean:1.0')), await sha256(sample('tiny')));
});

test('another user cannot push into the collection', async () => {
  const { code } = await ben.attempt('push', '-U', sample('full'), 'library://amy/climate/ocean:1.0');
  assert.notEqual(code, 0);
  assert.equal(await sha256(await ben.pull('library://amy/climate/ocean:1.0')), await sha256(sample('tiny')));
});

test('the owner deletes, and it is gone by tag, by hash and in the search', async () => {
  await amy.run('delete', '--force', 'library://amy/climate/weather:1.0');
  const hash = await sha256(sample('full'));
  for (const tag of ['1.0', `sha256.${hash}`]) {
    const { code, output } = await amy.attempt('pull', amy.path('gone.sif'), `library://amy/climate/weather:${tag}`);
    assert.notEqual(code, 0);
    assert.match(output, /does not exist|not found/i);
  }
  const { output } = await amy.attempt('search', 'weather');
  assert.doesNotMatch(output, /library:\/\/amy\/climate\/weather/);
});

test('what was deleted can be pushed again', async () => {
  await amy.push(sample('full'), 'library://amy/climate/weather:1.0');
  assert.equal(await sha256(await amy.pull('library://amy/climate/weather:1.0')), await sha256(sample('full')));
});
