// The doors of the registry, each as plainly as its protocol allows: `push(ref, bytes)` for those that take images,
// `pull(ref)` for those that give them. The real clients are tested elsewhere; these cover every pair.
import { createHash, createHmac } from 'node:crypto';
import { Library } from './library.mjs';

const digests = new WeakMap();

/** The digest of a buffer, computed once: clients know it before they push, and a measurement must not count it. */
export function hex(bytes) {
  if (!digests.has(bytes)) digests.set(bytes, createHash('sha256').update(bytes).digest('hex'));
  return digests.get(bytes);
}

/** Someone at a registry: `token` may be absent for a visitor. */
export class Caller {
  constructor(url, user, token) {
    Object.assign(this, { url, user, token });
  }

  async ask(method, path, { body, headers = {}, signature } = {}) {
    const authorization = signature ?? (this.token && `Bearer ${this.token}`);
    const target = new URL(path, this.url);
    const answer = await fetch(target, { method, body, headers: { ...(authorization && { authorization }), ...headers } });
    if (answer.ok) return answer;
    throw Object.assign(new Error(`${method} ${target.pathname}: ${answer.status} ${await answer.text()}`), { status: answer.status });
  }

  async json(method, path, value, more = {}) {
    const headers = { 'content-type': 'application/json', ...more.headers };
    return (await this.ask(method, path, { ...more, headers, body: value && JSON.stringify(value) })).json();
  }

  async bytes(path, more) {
    return Buffer.from(await (await this.ask('GET', path, more)).arrayBuffer());
  }

  /** The signature that sregistry-cli sends. */
  sign(operation, { collection, container, tag }) {
    const time = new Date().toISOString().replaceAll(/[-:]/g, '').replace(/(T\d\d).*/, '$1Z');
    const payload = [operation, collection, time, container, tag, ''].join('|');
    const signature = createHmac('sha256', this.token ?? '').update(payload).digest('hex');
    const user = Buffer.from(this.user).toString('base64');
    return `SREGISTRY-HMAC-SHA256 Credential=${operation}/${user}/${time},Signature=${signature}`;
  }
}

async function library(caller, ref, bytes, send) {
  const client = new Library(caller.url, caller.token);
  const container = await client.container(`${ref.owner}/${ref.collection}/${ref.container}`);
  const image = await client.image(container, hex(bytes));
  if (!image.uploaded) await send(client, image);
  await client.tag(container, image, ref.tag);
}

const put = async (url, bytes) => {
  const answer = await fetch(url, { method: 'PUT', body: bytes });
  if (!answer.ok) throw new Error(`PUT: ${answer.status} ${await answer.text()}`);
  return answer;
};

/** How images come in. */
export const into = {
  'library': (caller, ref, bytes) =>
    library(caller, ref, bytes, async (client, image) => {
      await put(await client.ticket(image, bytes.length, hex(bytes)), bytes);
      await client.complete(image);
    }),

  'library, parts': (caller, ref, bytes) =>
    library(caller, ref, bytes, async (client, image) => {
      const upload = await client.startParts(image, bytes.length);
      const parts = [];
      for (let number = 1; number <= upload.totalParts; number += 1) {
        const part = bytes.subarray((number - 1) * upload.partSize, number * upload.partSize);
        const answer = await put(await client.partUrl(image, upload, number, part.length), part);
        parts.push({ partNumber: number, token: answer.headers.get('etag') });
      }
      await client.completeParts(image, upload, parts);
    }),

  'sregistry-cli': async (caller, ref, bytes) => {
    const { collection, container, tag } = ref;
    const begun = { signature: caller.sign('push', ref) };
    const { cid } = await caller.json('POST', '/api/upload/chunked_upload', { collection, name: container, tag }, begun);
    const signature = caller.sign('upload', ref);
    const form = new FormData();
    const fields = { SREGISTRY_EVENT: signature, name: container, collection: String(cid), tag };
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file1', new Blob([bytes], { type: 'text/plain' }), `${container}.sif`);
    await caller.ask('POST', '/upload', { body: form, signature });
  },

  'OCI': async (caller, ref, bytes) => {
    const repository = `/v2/${ref.collection}/${ref.container}`;
    const upload = async (content) => {
      const location = (await caller.ask('POST', `${repository}/blobs/uploads/`)).headers.get('location');
      const digest = `sha256:${hex(content)}`;
      const target = `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;
      await caller.ask('PUT', target, { body: content, headers: { 'content-type': 'application/octet-stream' } });
      return { digest, size: content.length };
    };
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const config = { mediaType: 'application/vnd.sylabs.sif.config.v1+json', ...(await upload(Buffer.from('{}'))) };
    const layer = { mediaType: 'application/vnd.sylabs.sif.layer.v1.sif', ...(await upload(bytes)) };
    const body = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] });
    await caller.ask('PUT', `${repository}/manifests/${ref.tag}`, { body, headers: { 'content-type': mediaType } });
  },

  'browser': async (caller, ref, bytes) => {
    const { collection, container, tag } = ref;
    const begun = { collection, container, tag, size_bytes: bytes.length };
    const { id } = await caller.json('POST', '/api/v1/uploads', begun);
    const headers = { 'content-type': 'application/octet-stream' };
    for (const [from, to] of [[0, 1000], [1000, bytes.length]]) {
      const body = bytes.subarray(from, to);
      await caller.ask('PUT', `/api/v1/uploads/${id}/bytes?offset=${from}`, { body, headers });
    }
    await caller.json('POST', `/api/v1/uploads/${id}/complete`, { digest: `sha256:${hex(bytes)}` });
  },
};

/** How images go out. */
export const outOf = {
  'library': (caller, { owner, collection, container, tag }) =>
    caller.bytes(`/v1/imagefile/${owner}/${collection}/${container}:${tag}?arch=amd64`),

  'sregistry-cli': async (caller, ref) => {
    const signature = caller.token && caller.sign('pull', ref);
    const manifest = await caller.json('GET', `/api/container/${ref.collection}/${ref.container}:${ref.tag}`, undefined, { signature });
    return Buffer.from(await (await fetch(manifest.image)).arrayBuffer());
  },

  'OCI': async (caller, ref) => {
    const repository = `/v2/${ref.collection}/${ref.container}`;
    const { layers } = await (await caller.ask('GET', `${repository}/manifests/${ref.tag}`)).json();
    return caller.bytes(`${repository}/blobs/${layers[0].digest}`);
  },

  'HTTPS': (caller, { collection, container, tag }) => caller.bytes(`/download/${collection}/${container}/${tag}.sif`),

  'share link': async (caller, { collection, container, tag }) => {
    const path = `/api/v1/collections/${collection}/containers/${container}/images/${tag}/share_links`;
    const { url } = await caller.json('POST', path, { expires_in_hours: 1, max_uses: 1 });
    return new Caller(caller.url).bytes(url);
  },
};
