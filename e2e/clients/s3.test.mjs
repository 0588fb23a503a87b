// Images in a real S3 service, with the real client: through the server, and straight between client and service.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Client, sample, sha256 } from '../lib/apptainer.mjs';
import { Meter } from '../lib/meter.mjs';
import { S3 } from '../lib/s3.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let s3;

before(async () => {
  s3 = await S3.start(atEnd);
});

/** A server on the service behind a meter, and somebody who pushes there. */
async function stage(prefix, env = {}) {
  let meter;
  const server = await Server.start(atEnd, {
    env: { ...s3.settings(prefix), ...env },
    publicUrl: async (address) => {
      meter = await Meter.start(atEnd, address);
      return meter.url;
    },
  });
  const amy = await Client.at(atEnd, server.url, await server.user('amy'));
  return { server, meter, amy };
}

const ways = {
  'through the server': {},
  'straight to the service and from there': { SREGISTRY_STORAGE_DIRECT_UPLOADS: 'true', SREGISTRY_STORAGE_REDIRECT: 'true' },
};

for (const [way, env] of Object.entries(ways)) {
  describe(way, () => {
    const prefix = Object.keys(env).length > 0 ? 'direct' : 'through';
    let server, meter, amy;

    before(async () => {
      ({ server, meter, amy } = await stage(prefix, env));
    });

    // The big one goes in parts: it has more than 64 MiB.
    for (const name of ['tiny', 'full', 'big']) {
      test(`the ${name} image is pushed, and comes back byte for byte`, async () => {
        const digest = await sha256(sample(name));
        const sent = await meter.sent(() => amy.push(sample(name), `library://amy/tools/${name}:v1`));
        assert.equal(await sha256(await amy.pull(`library://amy/tools/${name}:v1`)), digest);
        assert.equal(await sha256(await amy.pull(`library://amy/tools/${name}:sha256.${digest}`)), digest);
        if (env.SREGISTRY_STORAGE_DIRECT_UPLOADS) assert.ok(sent < 64_000, `${sent} bytes went through the server`);
      });
    }

    test('an image comes back over OCI', async () => {
      const pulled = await amy.pull(`oras://${new URL(server.url).host}/tools/full:v1`, 'oras.sif', '--no-https');
      assert.equal(await sha256(pulled), await sha256(sample('full')));
    });

    test('there are three objects and nothing else', async () => {
      const keys = await s3.keys(`${prefix}/`);
      assert.equal(keys.length, 3, keys.join('\n'));
      for (const key of keys) assert.match(key, new RegExp(`^${prefix}/blobs/../../[0-9A-Z]{26}$`));
    });

    test('a private image is for its people only, and an address given to them ends', async () => {
      const token = await server.user('amy');
      await server.api('POST', '/collections', { token, body: { name: 'secret', private: true } });
      await amy.push(sample('tiny'), 'library://amy/secret/plan:1');
      const stranger = await Client.at(atEnd, server.url, await server.user('bob'));
      const { code, output } = await stranger.attempt('pull', stranger.path('x.sif'), 'library://amy/secret/plan:1');
      assert.notEqual(code, 0);
      assert.match(output, /not found|does not exist/i);
      const answer = await fetch(`${server.address}/v1/imagefile/amy/secret/plan:1?arch=amd64`, {
        redirect: 'manual',
        headers: { authorization: `Bearer ${token}` },
      });
      const location = new URL(answer.headers.get('location'));
      assert.equal(location.origin === s3.origin, Boolean(env.SREGISTRY_STORAGE_REDIRECT), location.href);
      const [name] = ['X-Amz-Signature', 'signature'].filter((key) => location.searchParams.has(key));
      location.searchParams.set(name, '0'.repeat(64));
      assert.equal((await fetch(location)).status, 403);
    });
  });
}

test('wrong keys are said so before anything is done', async () => {
  const server = await Server.start(atEnd);
  Object.assign(server.env, s3.settings('wrong'), { SREGISTRY_STORAGE_SECRET_KEY: 'hunter2' });
  await assert.rejects(server.command('gc'), ({ stderr }) => {
    assert.match(stderr, /STORAGE_SECRET_KEY/);
    assert.doesNotMatch(stderr, /hunter2/);
    return true;
  });
});

test('a registry moves from a folder to the service', async () => {
  const server = await Server.start(atEnd);
  const token = await server.user('amy');
  const amy = await Client.at(atEnd, server.url, token);
  await amy.push(sample('full'), 'library://amy/tools/full:v1');
  const env = s3.settings('moved');
  const { SREGISTRY_STORAGE_URL: to, ...access } = env;
  Object.assign(server.env, access);
  assert.match(await server.command('store', 'copy', '--to', to), /1 copied now/);
  assert.match(await server.command('store', 'copy', '--to', to), /0 copied now .*1 before/);
  await server.stop();
  Object.assign(server.env, env);
  await server.launch();
  assert.equal(await sha256(await amy.pull('library://amy/tools/full:v1')), await sha256(sample('full')));
});
