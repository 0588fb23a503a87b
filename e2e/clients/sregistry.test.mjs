// The older command line client from the Python registry: push, pull, search, delete, with signatures.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';
import { Client, sample, sha256 } from '../lib/apptainer.mjs';
import { Sregistry } from '../lib/sregistry.mjs';
import { until } from '../lib/wait.mjs';

let server, token, amy;

before(async () => {
  server = await Server.start(atEnd);
  token = await server.user('amy');
  amy = await Sregistry.at(atEnd, server.url, 'amy', token);
});

async function pushed(client, file, name) {
  const { output } = await client.push(file, name);
  assert.match(output, /Collection return status 200/);
  assert.match(output, /Return status 200 Upload Complete/);
}

for (const name of ['tiny', 'full', 'big']) {
  describe(`the ${name} image`, () => {
    test('is pushed and comes back byte for byte', async () => {
      await pushed(amy, sample(name), `tools/${name}:v1`);
      const { code, output, path } = await amy.pull(`tools/${name}:v1`);
      assert.equal(code, 0, output);
      assert.equal(await sha256(path), await sha256(sample(name)));
    });

    test('comes back by the library too', async () => {
      const client = await Client.at(atEnd, server.url, token);
      const file = await client.pull(`library://amy/tools/${name}:v1`);
      assert.equal(await sha256(file), await sha256(sample(name)));
    });
  });
}

test('what the library pushed is pulled', async () => {
  const client = await Client.at(atEnd, server.url, token);
  await client.push(sample('tiny'), 'library://amy/other/tiny:v2');
  const { path, output } = await amy.pull('other/tiny:v2');
  assert.ok(existsSync(path), output);
  assert.equal(await sha256(path), await sha256(sample('tiny')));
});

test('a push over the same tag is there at once', async () => {
  await pushed(amy, sample('tiny'), 'again/image:v1');
  await pushed(amy, sample('tiny'), 'again/image:v1');
  await pushed(amy, sample('full'), 'again/image:v1');
  const { path } = await amy.pull('again/image:v1');
  assert.equal(await sha256(path), await sha256(sample('full')));
});

for (const collection of ['my_coll', 'a__b_c', 'Mixed-Case', 'x__y-']) {
  test(`a collection called ${collection}, which is kept in another spelling`, async () => {
    await pushed(amy, sample('tiny'), `${collection}/tiny:v1`);
    const { path, output } = await amy.pull(`${collection}/tiny:v1`, `${collection}.sif`);
    assert.ok(existsSync(path), output);
    assert.equal(await sha256(path), await sha256(sample('tiny')));
    assert.match((await amy.run('delete', '--force', `${collection}/tiny:v1`)), /Response 204/);
  });
}

describe('search', () => {
  test('shows every collection, also when there are many', async () => {
    for (let i = 0; i < 12; i++) await server.api('POST', '/collections', { token, body: { name: `many${i}` } });
    const output = await amy.run('search');
    assert.match(output, /tools\/tiny:v1\s/);
    assert.match(output, /other\/tiny:v2\s/);
    assert.ok(output.includes(`${server.url}/containers/tools/tiny:v1`), output);
  });

  test('shows one collection', async () => {
    for (const query of ['tools', 'TOOLS', 'tools/']) {
      const output = await amy.run('search', query);
      assert.match(output, /tools\/full:v1/);
      assert.doesNotMatch(output, /other\/tiny/);
    }
    const { code, output } = await amy.attempt('search', 'nothing');
    assert.equal(code, 1);
    assert.match(output, /No collections found/);
  });

  test('shows one container', async () => {
    assert.match(await amy.run('search', 'tools/tiny:v1'), /tools\/tiny\s+v1/);
    const { code, output } = await amy.attempt('search', 'tools/tiny:v9');
    assert.equal(code, 1);
    assert.match(output, /No containers found/);
  });
});

test('labels are found once the image has been read', async () => {
  // The client knows the search, but not the command: it is asked for as its scripts do.
  const asked = async () => (await fetch(`${server.url}/api/labels/search`)).json();
  const labels = await until('labels are read', async () => {
    const found = await asked();
    return found.length > 0 && found;
  });
  assert.ok(labels.some(({ containers }) => containers.includes('tools/full:v1')), JSON.stringify(labels));
  const [{ key, value }] = labels;
  const path = `/api/labels/search/${encodeURIComponent(key)}/key/${encodeURIComponent(value)}/value`;
  const [found] = await (await fetch(server.url + path)).json();
  assert.deepEqual(found, labels[0]);
});

describe('a private collection', () => {
  let ben;

  before(async () => {
    await server.api('POST', '/collections', { token, body: { name: 'secret', private: true } });
    await pushed(amy, sample('tiny'), 'secret/plan:v1');
    ben = await Sregistry.at(atEnd, server.url, 'ben', await server.user('ben'));
  });

  test('is pulled by its owner, who is asked to sign', async () => {
    const { path, output } = await amy.pull('secret/plan:v1', 'plan.sif');
    assert.ok(existsSync(path), output);
    assert.equal(await sha256(path), await sha256(sample('tiny')));
  });

  test('is not there for others, in any way', async () => {
    for (const name of ['secret/plan:v1', 'absent/plan:v1']) {
      const { output, path } = await ben.pull(name, 'stolen.sif');
      assert.match(output, /Not Found: 404/);
      assert.ok(!existsSync(path));
      const deleted = await ben.attempt('delete', '--force', name);
      assert.match(deleted.output, /Not Found: 404/);
    }
    assert.doesNotMatch(await ben.run('search'), /secret/);
    assert.equal((await ben.attempt('search', 'secret')).code, 1);
    assert.equal((await ben.attempt('search', 'secret/plan:v1')).code, 1);
  });

  test('takes no push of others, who read why', async () => {
    const { code, output } = await ben.push(sample('tiny'), 'tools/tiny:v1');
    assert.equal(code, 1);
    assert.match(output, /return status 403 ben may not push to collection/);
    const deleted = await ben.run('delete', '--force', 'tools/tiny:v1');
    assert.match(deleted, /Response 403, ben may not delete from/);
  });
});

test('a wrong token is refused, and the client says so', async () => {
  const wrong = await Sregistry.at(atEnd, server.url, 'amy', 'f'.repeat(40));
  const { code, output } = await wrong.push(sample('tiny'), 'tools/tiny:v1');
  assert.equal(code, 1);
  assert.match(output, /return status 403 the signature is not valid/);
  const pull = await wrong.pull('secret/plan:v1');
  assert.match(pull.output, /Unauthorized \(403\)/);
  assert.match(await wrong.run('delete', '--force', 'tools/tiny:v1'), /Response 403, the signature is not valid/);
});

test('a frozen tag is neither pushed to nor deleted', async () => {
  await pushed(amy, sample('tiny'), 'frozen/image:v1');
  await server.api('PUT', '/collections/frozen/containers/image/tags/v1', { token, body: { frozen: true } });
  const { code, output } = await amy.push(sample('full'), 'frozen/image:v1');
  assert.equal(code, 1);
  assert.match(output, /return status 403 tag “v1” is frozen/);
  assert.match(await amy.run('delete', '--force', 'frozen/image:v1'), /Response 403, tag “v1” is frozen/);
});

test('a deleted image is gone, and its other tag is not', async () => {
  await pushed(amy, sample('tiny'), 'gone/image:v1');
  await pushed(amy, sample('tiny'), 'gone/image:latest');
  assert.match(await amy.run('delete', '--force', 'gone/image:v1'), /Response 204/);
  assert.match((await amy.pull('gone/image:v1', 'gone.sif')).output, /Not Found: 404/);
  const { path, output } = await amy.pull('gone/image', 'kept.sif');
  assert.ok(existsSync(path), output);
});

test('the registry can be named with the image', async () => {
  const named = await Sregistry.at(atEnd, 'http://127.0.0.1:1', 'amy', token);
  named.env = { SREGISTRY_REGISTRY_NOHTTPS: 'yes' };
  const host = new URL(server.url).host;
  await pushed(named, sample('tiny'), `${host}/named/image:v1`);
  const { path, output } = await named.pull(`${host}/named/image:v1`);
  assert.ok(existsSync(path), output);
  assert.match(await named.run('delete', '--force', `${host}/named/image:v1`), /Response 204/);
});
