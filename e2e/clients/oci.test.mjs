// OCI with the programs that people have: apptainer's oras://, oras, skopeo.
import assert from 'node:assert/strict';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Server } from '../lib/server.mjs';
import { Client, sample, sha256 } from '../lib/apptainer.mjs';
import { Distribution, MANIFEST } from '../lib/distribution.mjs';
import { Library } from '../lib/library.mjs';
import { OciClient } from '../lib/oci.mjs';
import { atEnd, until } from '../lib/temp.mjs';

const SIF = 'application/vnd.sylabs.sif.layer.v1.sif';
const CONFIG = 'application/vnd.sylabs.sif.config.v1+json';
let server, token, amy, eve, visitor, apptainer;

before(async () => {
  server = await Server.start(atEnd);
  token = await server.user('amy');
  amy = await OciClient.at(atEnd, server.url, { user: 'amy', token });
  eve = await OciClient.at(atEnd, server.url, { user: 'eve', token: await server.user('eve') });
  visitor = await OciClient.at(atEnd, server.url);
  apptainer = await Client.at(atEnd, server.url, token);
  await apptainer.run('registry', 'login', '-u', 'amy', '-p', token, `oras://${amy.host}`);
  await server.api('POST', '/collections', { token, body: { name: 'tools' } });
  await server.api('POST', '/collections', { token, body: { name: 'secret', private: true } });
});

const oras = (name) => `oras://${amy.ref(name)}`;
const image = (path) => server.api('GET', `/collections/${path}`, { token });

test('a wrong token is refused when signing in', async () => {
  const { code, output } = await visitor.tryOras('login', '--plain-http', '-u', 'amy', '-p', 'wrong', visitor.host);
  assert.notEqual(code, 0);
  assert.match(output, /unauthorized|401/i);
});

test('apptainer pushes by oras:// and pulls the same bytes by oras:// and library://', async () => {
  await apptainer.push(sample('full'), oras('tools/full:1'), '--no-https');
  const wanted = await sha256(sample('full'));
  assert.equal(await sha256(await apptainer.pull(oras('tools/full:1'), 'a.sif', '--no-https')), wanted);
  assert.equal(await sha256(await apptainer.pull('library://amy/tools/full:1', 'b.sif')), wanted);
});

test('what came by oras:// is an image like any other, and is read', async () => {
  const found = await until('the image was read', async () => {
    const found = await image('tools/containers/full/images/1');
    return found.metadata && found;
  });
  assert.equal(found.image.digest, `sha256:${await sha256(sample('full'))}`);
  assert.equal(found.image.arch, 'amd64');
});

test('a push into three names makes the collection of its owner', async () => {
  await apptainer.push(sample('tiny'), oras('amy/fresh/tiny:1'), '--no-https');
  assert.equal(await sha256(await apptainer.pull('library://amy/fresh/tiny:1', 'c.sif')), await sha256(sample('tiny')));
});

test('what came by library:// is pulled by apptainer, oras and skopeo', async () => {
  await new Library(server.url, token).push(sample('full'), 'amy/tools/lib:2');
  const wanted = await sha256(sample('full'));
  assert.equal(await sha256(await apptainer.pull(oras('tools/lib:2'), 'd.sif', '--no-https')), wanted);
  await visitor.oras('pull', '--plain-http', '-o', 'lib', visitor.ref('tools/lib:2'));
  assert.equal(await sha256(join(visitor.dir, 'lib/lib.sif')), wanted);
  await visitor.skopeo('copy', '--src-tls-verify=false', `docker://${visitor.ref('tools/lib:2')}`, `dir:${visitor.dir}/copied`);
  assert.equal(await sha256(join(visitor.dir, 'copied', wanted)), wanted);
});

test('a tag for two architectures gives each client its own', async () => {
  const library = new Library(server.url, token);
  await library.push(sample('tiny'), 'amy/tools/both:1');
  await library.push(sample('arm64'), 'amy/tools/both:1', 'arm64');
  const index = JSON.parse(await visitor.oras('manifest', 'fetch', '--plain-http', visitor.ref('tools/both:1')));
  assert.deepEqual(index.manifests.map(({ platform }) => platform.architecture).sort(), ['amd64', 'arm64']);
  assert.equal(await sha256(await apptainer.pull(oras('tools/both:1'), 'e.sif', '--no-https')), await sha256(sample('tiny')));
});

test('oras pushes a SIF that apptainer pulls', async () => {
  await copyFile(sample('tiny'), join(amy.dir, 'mine.sif'));
  await amy.oras('push', '--plain-http', '--config', `${await empty()}:${CONFIG}`, amy.ref('tools/byoras:1'), `mine.sif:${SIF}`);
  const pulled = await apptainer.pull('library://amy/tools/byoras:1', 'f.sif');
  assert.equal(await sha256(pulled), await sha256(sample('tiny')));
});

async function empty() {
  await writeFile(join(amy.dir, 'empty.json'), '{}');
  return 'empty.json';
}

test('what claims to be a SIF and is none is refused with a sentence', async () => {
  await writeFile(join(amy.dir, 'fake.sif'), 'this is no image');
  const { code, output } = await amy.tryOras('push', '--plain-http', amy.ref('tools/fake:1'), `fake.sif:${SIF}`);
  assert.notEqual(code, 0);
  assert.match(output, /SIF|image/);
});

test('skopeo copies an ordinary image in and out, byte for byte', async () => {
  const made = await amy.image();
  const there = `docker://${amy.ref('tools/ubuntu:22.04')}`;
  await amy.skopeo('copy', '--dest-tls-verify=false', `oci:${made.dir}`, there);
  await amy.skopeo('copy', '--src-tls-verify=false', there, `dir:${amy.dir}/back`);
  assert.equal(`sha256:${await sha256(join(amy.dir, 'back/manifest.json'))}`, made.digest);
  const { Digest } = JSON.parse(await amy.skopeo('inspect', '--tls-verify=false', there));
  assert.equal(Digest, made.digest);
  const tags = JSON.parse(await amy.skopeo('list-tags', '--tls-verify=false', `docker://${amy.ref('tools/ubuntu')}`));
  assert.deepEqual(tags.Tags, ['22.04']);
});

test('an ordinary image is no SIF to the library, and says so', async () => {
  const { code, output } = await apptainer.attempt('pull', apptainer.path('x.sif'), 'library://amy/tools/ubuntu:22.04');
  assert.notEqual(code, 0);
  assert.match(output, /not exist|not found|docker|oras/i);
});

test('oras attaches a report to an image and finds it again', async () => {
  await writeFile(join(amy.dir, 'report.txt'), 'no vulnerabilities');
  const ref = amy.ref('tools/full:1');
  await amy.oras('attach', '--plain-http', '--artifact-type', 'application/vnd.example.report', ref, 'report.txt:text/plain');
  const found = await visitor.oras('discover', '--plain-http', '--format', 'json', ref);
  const { referrers, manifests } = JSON.parse(found);
  assert.deepEqual((referrers ?? manifests).map(({ artifactType }) => artifactType), ['application/vnd.example.report']);
});

test('oras finds all reports of an image that has more than one answer can hold', async () => {
  const client = new Distribution(server.url, token);
  const subject = await client.tagged('tools/much', 'subject', 'subject');
  const about = { mediaType: MANIFEST, digest: subject.digest, size: subject.text.length };
  const types = [];
  for (let number = 0; number < 7; number += 1) {
    const artifactType = `application/vnd.example.report-${number}`;
    types.push(artifactType);
    await client.tagged('tools/much', `report-${number}`, `report ${number}`, { artifactType, subject: about, annotations: { text: 'x'.repeat(1_500_000) } });
  }
  const first = await client.ask('GET', `/v2/tools/much/referrers/${subject.digest}`);
  assert.equal(first.json.manifests.length, 2);
  assert.match(first.header('link'), /rel="next"/);
  const found = await visitor.oras('discover', '--plain-http', '--format', 'json', amy.ref('tools/much:subject'));
  const { referrers, manifests } = JSON.parse(found);
  assert.deepEqual((referrers ?? manifests).map(({ artifactType }) => artifactType).sort(), types);
});

test('oras lists repositories and tags; those of private collections only to their people', async () => {
  await apptainer.push(sample('tiny'), oras('secret/plan:1'), '--no-https');
  const list = async (client) => (await client.oras('repo', 'ls', '--plain-http', client.host)).trim().split('\n');
  assert.ok((await list(amy)).includes('secret/plan'));
  for (const other of [eve, visitor]) {
    const names = await list(other);
    assert.ok(names.includes('tools/full'));
    assert.ok(!names.some((name) => name.startsWith('secret')), names.join());
  }
  assert.equal((await amy.oras('repo', 'tags', '--plain-http', amy.ref('tools/full'))).trim(), '1');
});

for (const who of ['eve', 'visitor']) {
  test(`for ${who} a private image answers as one that never was`, async () => {
    const client = { eve, visitor }[who];
    const reason = async (name) => {
      const { code, output } = await client.tryOras('pull', '--plain-http', '-o', 'none', client.ref(name));
      assert.notEqual(code, 0);
      return output.replaceAll(/secret|absent/g, '…');
    };
    assert.equal(await reason('secret/plan:1'), await reason('absent/plan:1'));
  });
}

test('a stranger cannot push', async () => {
  const { code } = await eve.trySkopeo('copy', '--dest-tls-verify=false', `oci:${(await eve.image()).dir}`, `docker://${eve.ref('tools/mine:1')}`);
  assert.notEqual(code, 0);
});

test('a frozen tag stays where it is', async () => {
  await server.api('PUT', '/collections/tools/containers/full/tags/1?arch=amd64', { token, body: { frozen: true } });
  const { code } = await apptainer.attempt('push', '-U', '--no-https', sample('tiny'), oras('tools/full:1'));
  assert.notEqual(code, 0);
  assert.equal(await sha256(await apptainer.pull(oras('tools/full:1'), 'g.sif', '--no-https')), await sha256(sample('full')));
});

test('oras deletes an image with all its tags', async () => {
  await amy.oras('manifest', 'delete', '--plain-http', '--force', amy.ref('tools/byoras:1'));
  const { code } = await apptainer.attempt('pull', apptainer.path('h.sif'), 'library://amy/tools/byoras:1');
  assert.notEqual(code, 0);
});

test('a config that everybody may have need not be sent', async () => {
  const answer = await fetch(`${server.url}/v2/tools/full/manifests/1`, { headers: { accept: '*/*' } });
  const { config } = await answer.json();
  const blob = await fetch(`${server.url}/v2/tools/full/blobs/${config.digest}`);
  assert.equal(await blob.text(), '{}');
});
