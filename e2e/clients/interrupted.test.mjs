// A client that is killed in the middle of a push: nobody sees half an image, and the next push works.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Server } from '../lib/server.mjs';
import { Meter } from '../lib/meter.mjs';
import { Client, killHard, sample, sha256, size } from '../lib/apptainer.mjs';
import { atEnd, until } from '../lib/temp.mjs';
import { bytesUnder } from '../lib/disk.mjs';

const ref = 'library://amy/tools/big:1';
let server, meter, amy;

before(async () => {
  server = await Server.start(atEnd, {
    publicUrl: async (address) => {
      meter = await Meter.start(atEnd, address);
      return meter.url;
    },
    // Uploads that stand still are given up as soon as settings allow, so that the test can see it.
    env: { SREGISTRY_UPLOAD_EXPIRY: '1m' },
  });
  amy = await Client.at(atEnd, server.url, await server.user('amy'));
  const push = amy.start('push', '-U', sample('big'), ref);
  await until('a good part of the image is on its way', () => meter.up > 150_000_000, 60);
  await killHard(push);
});

test('the half image cannot be pulled', async () => {
  for (const tag of ['1', `sha256.${await sha256(sample('big'))}`]) {
    const { code, output } = await amy.attempt('pull', amy.path('half.sif'), `library://amy/tools/big:${tag}`);
    assert.notEqual(code, 0);
    assert.match(output, /does not exist|not found/i);
  }
});

test('the half image is not found', async () => {
  const { output } = await amy.attempt('search', 'big');
  assert.doesNotMatch(output, /library:\/\/amy\/tools\/big/);
});

test('the next push of the same image works, and it comes back whole', async () => {
  const sent = await meter.sent(() => amy.push(sample('big'), ref));
  assert.ok(sent > (await size(sample('big'))), 'every byte was sent again');
  assert.equal(await sha256(await amy.pull(ref)), await sha256(sample('big')));
});

test('the bytes of the half image leave the disk', async () => {
  const whole = await size(sample('big'));
  const swept = async () => {
    await server.command('gc');
    return (await bytesUnder(server.dataDir)) < whole * 1.05;
  };
  await until('the upload has expired and is swept', swept, 120);
  assert.equal(await sha256(await amy.pull(ref)), await sha256(sample('big')), 'and only those');
});
