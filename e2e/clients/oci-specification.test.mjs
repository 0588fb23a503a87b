// The OCI distribution specification, request by request, in the groups of its official conformance suite.
// The numbers in the titles are those of the specification's table of end points.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { Distribution, EMPTY, INDEX, MANIFEST } from '../lib/distribution.mjs';
import { digestOf } from '../lib/oci.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

const REPO = 'amy/spec/notes';
const ABSENT = digestOf(Buffer.from('nobody has this'));
let server, amy, eve, nobody;
const counts = {};

before(async () => {
  server = await Server.start(atEnd);
  const token = await server.user('amy');
  amy = new Distribution(server.url, token);
  eve = new Distribution(server.url, await server.user('eve'));
  nobody = new Distribution(server.url);
  await server.api('POST', '/collections', { token, body: { name: 'secret', private: true } });
});

after(() => console.log(`cases of the specification: ${Object.entries(counts).map(([name, n]) => `${name} ${n}`).join(', ')}`));

/** A group of the specification; its cases are counted. */
function group(name, cases) {
  counts[name] = 0;
  suite(name, () =>
    cases((title, run) => {
      counts[name] += 1;
      test(title, run);
    }),
  );
}

function refused(answer, status, code) {
  assert.equal(answer.status, status, String(answer.bytes));
  assert.equal(answer.code, code);
  assert.equal(typeof answer.json.errors[0].message, 'string');
}

group('base', (it) => {
  it('end-1: the base says that this is a registry', async () => {
    const answer = await amy.ask('GET', '/v2/');
    assert.equal(answer.status, 200);
    assert.equal(answer.header('docker-distribution-api-version'), 'registry/2.0');
  });
  it('end-1: without credentials it asks for them', async () => {
    const answer = await nobody.ask('GET', '/v2/');
    refused(answer, 401, 'UNAUTHORIZED');
    assert.match(answer.header('www-authenticate'), /^Bearer realm="http:\/\/[^"]+\/v2\/token",service="[^"]+"/);
  });
  it('wrong credentials are refused', async () => refused(await new Distribution(server.url, 'wrong').ask('GET', '/v2/'), 401, 'UNAUTHORIZED'));
  it('a path that is none of these is not found', async () => assert.equal((await amy.ask('GET', `/v2/${REPO}/elsewhere`)).status, 404));
  it('another method is refused', async () => assert.equal((await amy.ask('POST', `/v2/${REPO}/tags/list`)).status, 405));
});

group('push', (it) => {
  const blob = () => randomBytes(3000);
  it('end-4a, 6: POST, then PUT', async () => {
    const bytes = blob();
    const begun = await amy.ask('POST', `/v2/${REPO}/blobs/uploads/`);
    assert.equal(begun.status, 202);
    const kept = await amy.finish(begun.header('location'), digestOf(bytes), bytes);
    assert.equal(kept.status, 201);
    assert.equal(kept.header('docker-content-digest'), digestOf(bytes));
    assert.deepEqual((await amy.ask('GET', kept.header('location'))).bytes, bytes);
  });
  it('end-4b: everything in one POST', async () => {
    const bytes = blob();
    const kept = await amy.ask('POST', `/v2/${REPO}/blobs/uploads/?digest=${digestOf(bytes)}`, { body: bytes });
    assert.equal(kept.status, 201);
    assert.deepEqual((await amy.ask('GET', kept.header('location'))).bytes, bytes);
  });
  it('end-4b: one POST whose digest lies keeps nothing', async () => {
    const bytes = blob();
    const answer = await amy.ask('POST', `/v2/${REPO}/blobs/uploads/?digest=${ABSENT}`, { body: bytes });
    refused(answer, 400, 'DIGEST_INVALID');
    assert.equal((await amy.ask('HEAD', `/v2/${REPO}/blobs/${digestOf(bytes)}`)).status, 404);
  });
  it('end-5, 6: in chunks, the last with the PUT', async () => {
    const bytes = blob();
    const location = await amy.begin(REPO);
    const first = await amy.chunk(location, 0, bytes.subarray(0, 1000));
    assert.equal(first.status, 202);
    assert.equal(first.header('range'), '0-999');
    const second = await amy.chunk(first.header('location'), 1000, bytes.subarray(1000, 2000));
    assert.equal(second.header('range'), '0-1999');
    assert.equal((await amy.finish(second.header('location'), digestOf(bytes), bytes.subarray(2000))).status, 201);
  });
  it('end-5, 6: in chunks, with an empty PUT', async () => {
    const bytes = blob();
    const { header } = await amy.chunk(await amy.begin(REPO), 0, bytes);
    assert.equal((await amy.finish(header('location'), digestOf(bytes))).status, 201);
  });
  it('end-5: as one stream without a length', async () => {
    const bytes = blob();
    const body = new ReadableStream({ start: (to) => (to.enqueue(bytes.subarray(0, 7)), to.enqueue(bytes.subarray(7)), to.close()) });
    const sent = await amy.ask('PATCH', await amy.begin(REPO), { headers: { 'content-type': 'application/octet-stream' }, body });
    assert.equal(sent.status, 202);
    assert.equal(sent.header('range'), `0-${bytes.length - 1}`);
    assert.equal((await amy.finish(sent.header('location'), digestOf(bytes))).status, 201);
  });
  it('end-5: a chunk out of order is refused and says where to go on', async () => {
    const bytes = blob();
    const location = await amy.begin(REPO);
    await amy.chunk(location, 0, bytes.subarray(0, 1000));
    const early = await amy.chunk(location, 2000, bytes.subarray(2000));
    assert.equal(early.status, 416);
    assert.equal(early.header('range'), '0-999');
    assert.equal((await amy.chunk(location, 0, bytes.subarray(0, 1000))).status, 416, 'the same once more');
    await amy.chunk(location, 1000, bytes.subarray(1000));
    assert.equal((await amy.finish(location, digestOf(bytes))).status, 201);
  });
  it('end-5: the first chunk cannot begin in the middle', async () => assert.equal((await amy.chunk(await amy.begin(REPO), 10, blob())).status, 416));
  it('end-5: lengths that contradict each other are refused', async () => {
    const headers = { 'content-range': '0-9', 'content-type': 'application/octet-stream' };
    const answer = await amy.ask('PATCH', await amy.begin(REPO), { headers, body: Buffer.from('four') });
    assert.ok([400, 416].includes(answer.status), answer.status);
  });
  it('end-13: how much has arrived', async () => {
    const location = await amy.begin(REPO);
    assert.equal((await amy.ask('GET', location)).status, 204);
    await amy.chunk(location, 0, Buffer.alloc(1234));
    const state = await amy.ask('GET', location);
    assert.equal(state.status, 204);
    assert.equal(state.header('range'), '0-1233');
    assert.ok(state.header('location'));
  });
  it('end-14: an upload is given up', async () => {
    const location = await amy.begin(REPO);
    assert.equal((await amy.ask('DELETE', location)).status, 204);
    refused(await amy.ask('GET', location), 404, 'BLOB_UPLOAD_UNKNOWN');
  });
  it('end-6: a digest that lies keeps nothing', async () => {
    const bytes = blob();
    const location = await amy.begin(REPO);
    refused(await amy.finish(location, ABSENT, bytes), 400, 'DIGEST_INVALID');
    assert.equal((await amy.ask('HEAD', `/v2/${REPO}/blobs/${digestOf(bytes)}`)).status, 404);
    assert.equal((await amy.ask('HEAD', `/v2/${REPO}/blobs/${ABSENT}`)).status, 404);
  });
  it('end-6: something that is no digest is refused', async () => {
    for (const digest of ['sha256:short', 'md5:d41d8cd98f00b204e9800998ecf8427e', 'nonsense', '']) {
      refused(await amy.finish(await amy.begin(REPO), digest, blob()), 400, 'DIGEST_INVALID');
    }
  });
  it('an upload that nobody began is unknown', async () => {
    const location = `/v2/${REPO}/blobs/uploads/01J00000000000000000000000`;
    refused(await amy.chunk(location, 0, blob()), 404, 'BLOB_UPLOAD_UNKNOWN');
    refused(await amy.finish(location, ABSENT, blob()), 404, 'BLOB_UPLOAD_UNKNOWN');
  });
  it('the upload of another person is unknown', async () => {
    const location = await amy.begin(REPO);
    assert.ok([401, 403, 404].includes((await eve.chunk(location, 0, blob())).status));
    assert.equal((await amy.ask('GET', location)).header('range'), '0-0');
  });
  it('the empty blob is a blob', async () => {
    const digest = digestOf(Buffer.alloc(0));
    assert.equal((await amy.finish(await amy.begin(REPO), digest)).status, 201);
    const found = await amy.ask('GET', `/v2/${REPO}/blobs/${digest}`);
    assert.equal(found.status, 200);
    assert.equal(found.bytes.length, 0);
  });
  it('the same blob twice is no mistake', async () => {
    const one = await amy.blob(REPO, 'twice');
    assert.deepEqual(await amy.blob(REPO, 'twice'), one);
  });
  it('end-11: a blob is mounted from another repository', async () => {
    const { digest } = await amy.blob(REPO, 'to be mounted');
    const answer = await amy.ask('POST', `/v2/amy/spec/mounted/blobs/uploads/?mount=${digest}&from=${REPO}`);
    assert.equal(answer.status, 201);
    assert.equal(answer.header('docker-content-digest'), digest);
    assert.equal(String((await amy.ask('GET', answer.header('location'))).bytes), 'to be mounted');
  });
  it('end-11: a mount of what is not there begins an upload', async () => {
    const answer = await amy.ask('POST', `/v2/amy/spec/mounted/blobs/uploads/?mount=${ABSENT}&from=${REPO}`);
    assert.equal(answer.status, 202);
    assert.ok(answer.header('location'));
  });
  it('end-11: a mount from a private repository tells strangers nothing', async () => {
    const { digest } = await amy.blob('amy/secret/notes', 'a secret');
    const mount = (from) => eve.ask('POST', `/v2/eve/mine/notes/blobs/uploads/?mount=${digest}&from=${from}`);
    const [real, none] = [await mount('amy/secret/notes'), await mount('amy/nowhere/notes')];
    assert.deepEqual([real.status, none.status], [202, 202]);
    assert.equal((await eve.ask('HEAD', `/v2/eve/mine/notes/blobs/${digest}`)).status, 404);
  });
  it('strangers cannot push, and callers without credentials are asked for them', async () => {
    refused(await eve.ask('POST', `/v2/${REPO}/blobs/uploads/`), 403, 'DENIED');
    refused(await nobody.ask('POST', `/v2/${REPO}/blobs/uploads/`), 401, 'UNAUTHORIZED');
  });
  it('names that cannot be are refused', async () => {
    for (const name of ['amy', 'Amy/Spec/UPPER%20CASE', 'amy/spec/..', 'a/b/c/d']) {
      refused(await amy.ask('POST', `/v2/${name}/blobs/uploads/`), 400, 'NAME_INVALID');
    }
  });
});

group('manifests', (it) => {
  it('end-7: by tag; its address and digest are told', async () => {
    const text = await amy.manifest(REPO, 'one');
    const kept = await amy.put(REPO, 'one', text);
    assert.equal(kept.status, 201);
    assert.equal(kept.header('docker-content-digest'), digestOf(Buffer.from(text)));
    assert.equal(String((await amy.ask('GET', kept.header('location'))).bytes), text);
  });
  it('end-7: by digest', async () => {
    const text = await amy.manifest(REPO, 'by digest');
    assert.equal((await amy.put(REPO, digestOf(Buffer.from(text)), text)).status, 201);
    refused(await amy.put(REPO, ABSENT, text), 400, 'DIGEST_INVALID');
  });
  it('end-7: one that names an absent blob is refused', async () => {
    const layers = [{ mediaType: 'text/plain', digest: ABSENT, size: 15 }];
    const text = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, artifactType: 'text/x', config: EMPTY, layers });
    refused(await amy.put(REPO, 'absent', text), 404, 'MANIFEST_BLOB_UNKNOWN');
  });
  it('end-7: layers that are not distributed need not be there', async () => {
    const far = { mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar', digest: ABSENT, size: 15, urls: ['https://far.example/'] };
    const text = JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, artifactType: 'text/x', config: EMPTY, layers: [far] });
    assert.equal((await amy.put(REPO, 'far', text)).status, 201);
  });
  it('end-7: what is no manifest is refused', async () => {
    for (const text of ['', 'no json', '[]', '{}', '{"schemaVersion":1}', '{"schemaVersion":2,"layers":7}']) {
      refused(await amy.put(REPO, 'bad', text), 400, 'MANIFEST_INVALID');
    }
  });
  it('end-7: one whose type is not what it says is refused', async () => {
    const text = await amy.manifest(REPO, 'typed');
    refused(await amy.put(REPO, 'bad', text, INDEX), 400, 'MANIFEST_INVALID');
  });
  it('end-7: one larger than any should be is refused with 413', async () => {
    const text = await amy.manifest(REPO, 'large', { annotations: { padding: 'x'.repeat(10 << 20) } });
    const answer = await amy.put(REPO, 'large', text);
    assert.equal(answer.status, 413);
    assert.ok(answer.code);
  });
  it('end-7: an index over manifests that are here', async () => {
    const [one, two] = [await amy.tagged(REPO, 'm1', 'm1'), await amy.tagged(REPO, 'm2', 'm2')];
    const entry = ({ digest, text }) => ({ mediaType: MANIFEST, digest, size: text.length });
    const text = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [entry(one), entry(two)] });
    assert.equal((await amy.put(REPO, 'both', text, INDEX)).status, 201);
    const found = await amy.ask('GET', `/v2/${REPO}/manifests/both`, { headers: { accept: INDEX } });
    assert.equal(found.header('content-type'), INDEX);
    assert.equal(String(found.bytes), text);
  });
  it('end-7: an index over a manifest that is not here is refused', async () => {
    const text = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [{ mediaType: MANIFEST, digest: ABSENT, size: 3 }] });
    const answer = await amy.put(REPO, 'none', text, INDEX);
    assert.equal(answer.status, 404);
    assert.match(answer.code, /^MANIFEST_(BLOB_)?UNKNOWN$/);
  });
  it('end-7: a tag moves', async () => {
    await amy.tagged(REPO, 'moving', 'before');
    const { digest } = await amy.tagged(REPO, 'moving', 'after');
    assert.equal((await amy.ask('HEAD', `/v2/${REPO}/manifests/moving`)).header('docker-content-digest'), digest);
  });
  it('end-7: a subject is answered with OCI-Subject, even one that is not there', async () => {
    const text = await amy.manifest(REPO, 'about', { subject: { mediaType: MANIFEST, digest: ABSENT, size: 3 } });
    const kept = await amy.put(REPO, digestOf(Buffer.from(text)), text);
    assert.equal(kept.status, 201);
    assert.equal(kept.header('oci-subject'), ABSENT);
  });
  it('end-7: tags that cannot be are refused', async () => {
    const text = await amy.manifest(REPO, 'tags');
    for (const tag of ['-bad', 'a'.repeat(129), 'sp%20ace']) {
      const answer = await amy.put(REPO, tag, text);
      assert.equal(answer.status, 400, tag);
      assert.match(answer.code, /^(TAG|MANIFEST|NAME)_INVALID$/);
    }
    assert.equal((await amy.put(REPO, `Ok_1.2-${'a'.repeat(100)}`, text)).status, 201);
  });
  it('end-7: bytes are kept as they are, blanks and all', async () => {
    const text = `${JSON.stringify(JSON.parse(await amy.manifest(REPO, 'blanks')), null, 3)}\n\n`;
    await amy.put(REPO, 'blanks', text);
    assert.equal(String((await amy.ask('GET', `/v2/${REPO}/manifests/blanks`)).bytes), text);
  });
  it('end-7: Docker’s own types are kept', async () => {
    const type = 'application/vnd.docker.distribution.manifest.v2+json';
    const config = await amy.blob(REPO, '{"architecture":"amd64","os":"linux"}', 'application/vnd.docker.container.image.v1+json');
    const layer = await amy.blob(REPO, 'a layer', 'application/vnd.docker.image.rootfs.diff.tar.gzip');
    const text = JSON.stringify({ schemaVersion: 2, mediaType: type, config, layers: [layer] });
    assert.equal((await amy.put(REPO, 'docker', text, type)).status, 201);
    assert.equal((await amy.ask('GET', `/v2/${REPO}/manifests/docker`)).header('content-type'), type);
  });
});

group('pull', (it) => {
  let note;
  before(async () => (note = await amy.tagged(REPO, 'pulled', 'to be pulled')));
  const blobs = (digest) => `/v2/${REPO}/blobs/${digest}`;

  it('end-2: a blob, with its digest and length', async () => {
    const found = await amy.ask('GET', blobs(note.layer.digest));
    assert.equal(found.status, 200);
    assert.equal(String(found.bytes), 'to be pulled');
    assert.equal(found.header('docker-content-digest'), note.layer.digest);
    assert.equal(found.header('content-length'), '12');
  });
  it('end-2: HEAD says the same without a body', async () => {
    const found = await amy.ask('HEAD', blobs(note.layer.digest));
    assert.equal(found.status, 200);
    assert.equal(found.header('content-length'), '12');
    assert.equal(found.header('docker-content-digest'), note.layer.digest);
    assert.equal(found.bytes.length, 0);
  });
  for (const [range, status, text] of [
    ['bytes=0-3', 206, 'to b'],
    ['bytes=6-', 206, 'pulled'],
    ['bytes=-4', 206, 'lled'],
    ['bytes=3-999', 206, 'be pulled'],
    ['bytes=12-', 416, undefined],
  ]) {
    it(`end-2: ${range} of a blob is ${status}`, async () => {
      const found = await amy.ask('GET', blobs(note.layer.digest), { headers: { range } });
      assert.equal(found.status, status);
      if (text === undefined) return assert.equal(found.header('content-range'), 'bytes */12');
      assert.equal(String(found.bytes), text);
    });
  }
  it('end-2: a blob that is not there is unknown', async () => refused(await amy.ask('GET', blobs(ABSENT)), 404, 'BLOB_UNKNOWN'));
  it('end-2: a blob of another repository is unknown here', async () => {
    await amy.tagged('amy/spec/other', '1', 'elsewhere');
    refused(await amy.ask('GET', `/v2/amy/spec/other/blobs/${note.layer.digest}`), 404, 'BLOB_UNKNOWN');
  });
  it('end-2: what is no digest is refused', async () => assert.ok([400, 404].includes((await amy.ask('GET', blobs('sha256:zz'))).status)));
  it('end-3: a manifest by tag and by digest', async () => {
    for (const reference of ['pulled', note.digest]) {
      const found = await amy.ask('GET', `/v2/${REPO}/manifests/${reference}`);
      assert.equal(found.status, 200);
      assert.equal(String(found.bytes), note.text);
      assert.equal(found.header('content-type'), MANIFEST);
      assert.equal(found.header('docker-content-digest'), note.digest);
    }
  });
  it('end-3: HEAD of a manifest', async () => {
    for (const reference of ['pulled', note.digest]) {
      const found = await amy.ask('HEAD', `/v2/${REPO}/manifests/${reference}`);
      assert.equal(found.status, 200);
      assert.equal(Number(found.header('content-length')), note.text.length);
      assert.equal(found.header('docker-content-digest'), note.digest);
    }
  });
  it('end-3: one that is not there is unknown, by tag and by digest', async () => {
    for (const reference of ['absent-tag', ABSENT]) {
      refused(await amy.ask('GET', `/v2/${REPO}/manifests/${reference}`), 404, 'MANIFEST_UNKNOWN');
      assert.equal((await amy.ask('HEAD', `/v2/${REPO}/manifests/${reference}`)).status, 404);
    }
  });
  it('a repository that is not there is unknown', async () => {
    const answer = await amy.ask('GET', '/v2/amy/nowhere/none/manifests/1');
    assert.equal(answer.status, 404);
    assert.match(answer.code, /^(NAME|MANIFEST)_UNKNOWN$/);
  });
  it('a private repository is as one that is not there', async () => {
    await amy.tagged('amy/secret/notes', '1', 'private');
    for (const path of ['manifests/1', 'tags/list', `blobs/${ABSENT}`, `referrers/${ABSENT}`]) {
      const [real, none] = await Promise.all(['secret', 'nowhere'].map((name) => eve.ask('GET', `/v2/amy/${name}/notes/${path}`)));
      assert.equal(real.status, 404, path);
      assert.deepEqual([real.status, real.code], [none.status, none.code], path);
      const asked = await Promise.all(['secret', 'nowhere'].map((name) => nobody.ask('GET', `/v2/amy/${name}/notes/${path}`)));
      assert.deepEqual(asked.map(({ status }) => status), [401, 401], path);
    }
  });
  it('what is public needs no credentials', async () => assert.equal((await nobody.ask('GET', `/v2/${REPO}/manifests/pulled`)).status, 200));
  it('two names find what three do', async () => assert.equal((await nobody.ask('GET', '/v2/spec/notes/manifests/pulled')).status, 200));
  it('If-None-Match of the digest is answered with 304', async () => {
    const { header } = await amy.ask('GET', blobs(note.layer.digest));
    const again = await amy.ask('GET', blobs(note.layer.digest), { headers: { 'if-none-match': header('etag') } });
    assert.equal(again.status, 304);
  });
});

group('tags', (it) => {
  const name = 'amy/spec/tags';
  const tags = ['0.9', '1.0', '1.1', 'beta', 'latest'];
  before(async () => {
    const text = await amy.manifest(name, 'tags');
    for (const tag of [...tags].reverse()) await amy.put(name, tag, text);
  });
  const list = (query = '') => amy.ask('GET', `/v2/${name}/tags/list${query}`);

  it('end-8a: all of them, in order', async () => {
    const { status, json } = await list();
    assert.equal(status, 200);
    assert.deepEqual(json, { name, tags });
  });
  it('end-8b: n of them, with a link to the next', async () => {
    const page = await list('?n=2');
    assert.deepEqual(page.json.tags, tags.slice(0, 2));
    const next = page.header('link').match(/^<([^>]+)>; ?rel="?next"?$/)[1];
    assert.deepEqual((await amy.ask('GET', next)).json.tags, tags.slice(2, 4));
  });
  it('end-8b: from one on', async () => assert.deepEqual((await list('?last=1.0')).json.tags, tags.slice(2)));
  it('end-8b: n and last', async () => assert.deepEqual((await list('?n=1&last=1.1')).json.tags, ['beta']));
  it('end-8b: the last page has no link', async () => assert.equal((await list('?n=50')).header('link'), null));
  it('end-8b: none of them', async () => assert.deepEqual((await list('?n=0')).json.tags, []));
  it('end-8b: a number that is none is refused', async () => assert.equal((await list('?n=many')).status, 400));
  it('end-8a: of a repository that is not there', async () => refused(await amy.ask('GET', '/v2/amy/nowhere/none/tags/list'), 404, 'NAME_UNKNOWN'));
  it('the catalog lists what one may see', async () => {
    await amy.tagged('amy/secret/notes', '1', 'private');
    const names = async (who) => (await who.ask('GET', '/v2/_catalog')).json.repositories;
    assert.ok((await names(amy)).includes('secret/notes'));
    assert.ok(!(await names(eve)).includes('secret/notes'));
    assert.ok((await names(eve)).includes('spec/tags'));
  });
  it('the catalog comes in pages', async () => {
    const first = await amy.ask('GET', '/v2/_catalog?n=1');
    assert.equal(first.json.repositories.length, 1);
    assert.match(first.header('link'), /rel="?next"?/);
  });
});

group('referrers', (it) => {
  const name = 'amy/spec/subject';
  let subject;
  const about = (content, more = {}) =>
    amy.tagged(name, content, content, { subject: { mediaType: MANIFEST, digest: subject.digest, size: subject.text.length }, ...more });
  before(async () => {
    subject = await amy.tagged(name, 'subject', 'subject');
    await about('sbom', { artifactType: 'application/x-sbom', annotations: { made: 'today' } });
    await about('signature', { artifactType: 'application/x-signature' });
  });
  const list = (digest, query = '') => amy.ask('GET', `/v2/${name}/referrers/${digest}${query}`);

  it('end-12a: an index of what refers to a manifest', async () => {
    const found = await list(subject.digest);
    assert.equal(found.status, 200);
    assert.equal(found.header('content-type'), INDEX);
    assert.equal(found.json.schemaVersion, 2);
    assert.deepEqual(found.json.manifests.map(({ artifactType }) => artifactType).sort(), ['application/x-sbom', 'application/x-signature']);
    const sbom = found.json.manifests.find(({ artifactType }) => artifactType === 'application/x-sbom');
    assert.equal(sbom.annotations.made, 'today');
    assert.equal(sbom.mediaType, MANIFEST);
    const manifest = await amy.ask('GET', `/v2/${name}/manifests/${sbom.digest}`);
    assert.equal(manifest.bytes.length, sbom.size);
  });
  it('end-12b: only those of a type, which the answer says', async () => {
    const found = await list(subject.digest, '?artifactType=application%2Fx-sbom');
    assert.deepEqual(found.json.manifests.map(({ artifactType }) => artifactType), ['application/x-sbom']);
    assert.equal(found.header('oci-filters-applied'), 'artifactType');
  });
  it('end-12b: of a type that nothing has', async () => assert.deepEqual((await list(subject.digest, '?artifactType=text%2Fnone')).json.manifests, []));
  it('end-12a: of what nothing refers to, or nobody has', async () => {
    const found = await list(ABSENT);
    assert.equal(found.status, 200);
    assert.deepEqual(found.json.manifests, []);
  });
  it('end-12a: what refers to something that comes later is found', async () => {
    const text = await amy.manifest(name, 'comes later');
    const late = digestOf(Buffer.from(text));
    await amy.tagged(name, 'early', 'early', { subject: { mediaType: MANIFEST, digest: late, size: text.length } });
    assert.equal((await list(late)).json.manifests.length, 1);
  });
  it('end-12a: an image’s type is that of its config', async () => {
    const config = await amy.blob(name, '{"architecture":"amd64","os":"linux"}', 'application/vnd.oci.image.config.v1+json');
    const whole = { schemaVersion: 2, mediaType: MANIFEST, config, layers: [], subject: { mediaType: MANIFEST, digest: ABSENT, size: 1 } };
    const text = JSON.stringify(whole);
    assert.equal((await amy.put(name, digestOf(Buffer.from(text)), text)).status, 201);
    assert.deepEqual((await list(ABSENT)).json.manifests.map(({ artifactType }) => artifactType), [config.mediaType]);
  });
  it('end-12a: one that is deleted is no longer listed', async () => {
    const gone = await about('gone', { artifactType: 'application/x-gone' });
    assert.equal((await amy.ask('DELETE', `/v2/${name}/manifests/${gone.digest}`)).status, 202);
    assert.ok(!(await list(subject.digest)).json.manifests.some(({ digest }) => digest === gone.digest));
  });
  it('end-12a: in pages, whose Link leads on with the filter kept', async () => {
    const pages = [];
    let next = `/v2/${name}/referrers/${subject.digest}?n=1`;
    while (next) {
      const page = await amy.ask('GET', next);
      pages.push(page.json.manifests.map(({ artifactType }) => artifactType));
      next = /^<(.+)>; ?rel="?next"?$/.exec(page.header('link') ?? '')?.[1];
    }
    assert.deepEqual(pages, [['application/x-sbom'], ['application/x-signature']]);
    await about('second-bill', { artifactType: 'application/x-sbom' });
    const first = await list(subject.digest, '?n=1&artifactType=application%2Fx-sbom');
    const link = new URL(/^<(.+)>/.exec(first.header('link'))[1], amy.url);
    assert.equal(link.searchParams.get('artifactType'), 'application/x-sbom');
    const second = await amy.ask('GET', link.pathname + link.search);
    assert.deepEqual(second.json.manifests.map(({ artifactType }) => artifactType), ['application/x-sbom']);
    assert.equal(second.header('oci-filters-applied'), 'artifactType');
    assert.equal(second.header('link'), null);
  });
  it('end-12a: what is no digest is refused', async () => assert.equal((await list('subject')).status, 400));
});

group('deletion', (it) => {
  const name = 'amy/spec/gone';
  it('end-9: a tag; the manifest stays', async () => {
    const { digest } = await amy.tagged(name, 'tag', 'tag');
    assert.equal((await amy.ask('DELETE', `/v2/${name}/manifests/tag`)).status, 202);
    refused(await amy.ask('GET', `/v2/${name}/manifests/tag`), 404, 'MANIFEST_UNKNOWN');
    assert.equal((await amy.ask('GET', `/v2/${name}/manifests/${digest}`)).status, 200);
  });
  it('end-9: a manifest, with its tags', async () => {
    const { digest, text } = await amy.tagged(name, 'one', 'whole');
    await amy.put(name, 'two', text);
    assert.equal((await amy.ask('DELETE', `/v2/${name}/manifests/${digest}`)).status, 202);
    for (const reference of ['one', 'two', digest]) refused(await amy.ask('GET', `/v2/${name}/manifests/${reference}`), 404, 'MANIFEST_UNKNOWN');
    const { json } = await amy.ask('GET', `/v2/${name}/tags/list`);
    assert.ok(!json.tags.includes('one') && !json.tags.includes('two'));
  });
  it('end-9: what is not there', async () => {
    for (const reference of ['absent', ABSENT]) refused(await amy.ask('DELETE', `/v2/${name}/manifests/${reference}`), 404, 'MANIFEST_UNKNOWN');
  });
  it('end-10: a blob that nothing needs', async () => {
    const { digest } = await amy.blob(name, 'alone');
    assert.equal((await amy.ask('DELETE', `/v2/${name}/blobs/${digest}`)).status, 202);
    refused(await amy.ask('GET', `/v2/${name}/blobs/${digest}`), 404, 'BLOB_UNKNOWN');
  });
  it('end-10: a blob that a manifest needs stays', async () => {
    const { layer } = await amy.tagged(name, 'needed', 'needed');
    refused(await amy.ask('DELETE', `/v2/${name}/blobs/${layer.digest}`), 405, 'UNSUPPORTED');
    assert.equal((await amy.ask('GET', `/v2/${name}/blobs/${layer.digest}`)).status, 200);
  });
  it('end-10: what is not there', async () => refused(await amy.ask('DELETE', `/v2/${name}/blobs/${ABSENT}`), 404, 'BLOB_UNKNOWN'));
  it('strangers cannot', async () => {
    const { digest } = await amy.tagged(name, 'mine', 'mine');
    for (const reference of ['mine', digest]) refused(await eve.ask('DELETE', `/v2/${name}/manifests/${reference}`), 403, 'DENIED');
    refused(await nobody.ask('DELETE', `/v2/${name}/manifests/mine`), 401, 'UNAUTHORIZED');
  });
  it('a frozen tag neither moves nor goes, and its manifest stays', async () => {
    const { digest } = await amy.tagged(name, 'frozen', 'frozen');
    await server.api('PUT', '/collections/spec/containers/gone/tags/frozen', { token: amy.token, body: { frozen: true } });
    for (const reference of ['frozen', digest]) refused(await amy.ask('DELETE', `/v2/${name}/manifests/${reference}`), 403, 'DENIED');
    refused(await amy.put(name, 'frozen', await amy.manifest(name, 'other')), 403, 'DENIED');
    assert.equal((await amy.ask('HEAD', `/v2/${name}/manifests/frozen`)).header('docker-content-digest'), digest);
  });
});
