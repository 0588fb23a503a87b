// The main job with the real client: what was pushed comes back byte for byte, by every road.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';
import { Meter } from '../lib/meter.mjs';
import { Client, sample, sha256, size } from '../lib/apptainer.mjs';

let server, meter, amy;

before(async () => {
  server = await Server.start(atEnd, {
    publicUrl: async (address) => {
      meter = await Meter.start(atEnd, address);
      return meter.url;
    },
  });
  amy = await Client.at(atEnd, server.url, await server.user('amy'));
});

for (const name of ['tiny', 'full', 'big']) {
  describe(`the ${name} image`, () => {
    const ref = `library://amy/tools/${name}`;
    let digest;

    before(async () => {
      digest = await sha256(sample(name));
    });

    test('is pushed and shows where it is', async () => {
      const output = await amy.push(sample(name), `${ref}:v1,latest`);
      assert.match(output, new RegExp(`${server.url}/\\S*${name}`), 'the container page is named');
    });

    test('comes back by tag', async () => {
      assert.equal(await sha256(await amy.pull(`${ref}:v1`)), digest);
    });

    test('comes back by its default tag', async () => {
      assert.equal(await sha256(await amy.pull(ref)), digest);
    });

    test('comes back by hash', async () => {
      assert.equal(await sha256(await amy.pull(`${ref}:sha256.${digest}`)), digest);
    });

    test('comes back in one stream', async () => {
      const answer = await fetch(`${server.address}/v1/imagefile/amy/tools/${name}:v1?arch=amd64`);
      assert.equal(answer.status, 200);
      assert.equal(Number(answer.headers.get('content-length')), await size(sample(name)));
      await answer.body.cancel();
    });

    test('is not sent again when it is there already', async () => {
      const sent = await meter.sent(() => amy.push(sample(name), `${ref}:v2`));
      assert.ok(sent < 32_000, `${sent} bytes went over the wire`);
      assert.equal(await sha256(await amy.pull(`${ref}:v2`)), digest);
    });
  });
}

test('the same bytes in another container are not sent again', async () => {
  const sent = await meter.sent(() => amy.push(sample('full'), 'library://amy/other/copy:1'));
  assert.ok(sent < 32_000, `${sent} bytes went over the wire`);
  assert.equal(await sha256(await amy.pull('library://amy/other/copy:1')), await sha256(sample('full')));
});

test('a pull asks for ranges in parallel', async () => {
  const answer = await fetch(`${server.address}/v1/imagefile/amy/tools/big:v1?arch=amd64`, { redirect: 'manual' });
  assert.equal(answer.status, 303);
  const location = answer.headers.get('location');
  const part = await fetch(location, { headers: { range: 'bytes=1000-1999' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), `bytes 1000-1999/${await size(sample('big'))}`);
});

test('an image that is not there says so', async () => {
  const { code, output } = await amy.attempt('pull', amy.path('none.sif'), 'library://amy/tools/none:1');
  assert.notEqual(code, 0);
  assert.match(output, /does not exist|not found/i);
});

test('what was pushed survives a restart', async () => {
  assert.equal(await server.stop(), 0, 'the server ends well when asked to');
  await server.launch();
  assert.equal(await sha256(await amy.pull('library://amy/tools/full:v1')), await sha256(sample('full')));
});
