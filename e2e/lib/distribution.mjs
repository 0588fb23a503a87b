// The OCI distribution protocol spoken by hand, request by request: what a client library would hide.
import { digestOf } from './oci.mjs';

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(Buffer.from('{}')), size: 2 };

export class Distribution {
  /** Speaks to the server at `url`; with `token`, as its user. */
  constructor(url, token) {
    Object.assign(this, { url, token });
  }

  /** One request. `body` may be bytes, text, or something to be sent as JSON. */
  async ask(method, path, { headers = {}, body } = {}) {
    const plain = body === undefined || typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
    const answer = await fetch(new URL(path, this.url), {
      method,
      redirect: 'manual',
      headers: { ...(this.token && { authorization: `Bearer ${this.token}` }), ...headers },
      body: plain ? body : JSON.stringify(body),
      ...(body instanceof ReadableStream && { duplex: 'half' }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const json = /json/.test(answer.headers.get('content-type') ?? '') && bytes.length > 0 ? JSON.parse(bytes) : undefined;
    return { status: answer.status, header: (name) => answer.headers.get(name), bytes, json, code: json?.errors?.[0]?.code };
  }

  /** Begins an upload and returns its address. */
  async begin(name) {
    const { status, header } = await this.ask('POST', `/v2/${name}/blobs/uploads/`);
    if (status !== 202) throw new Error(`an upload did not begin: ${status}`);
    return header('location');
  }

  /** Sends a chunk that starts at `from`. */
  chunk(location, from, bytes) {
    const headers = { 'content-type': 'application/octet-stream', 'content-range': `${from}-${from + bytes.length - 1}` };
    return this.ask('PATCH', location, { headers, body: bytes });
  }

  /** Says that all bytes were sent, perhaps with the last of them. */
  finish(location, digest, body) {
    const address = new URL(location, this.url);
    address.searchParams.set('digest', digest);
    return this.ask('PUT', address, { headers: { 'content-type': 'application/octet-stream' }, body });
  }

  /** Keeps a blob, and returns its descriptor. */
  async blob(name, content, mediaType = 'application/octet-stream') {
    const bytes = Buffer.from(content);
    const digest = digestOf(bytes);
    const { status, bytes: said } = await this.finish(await this.begin(name), digest, bytes);
    if (status !== 201) throw new Error(`a blob was not kept: ${status} ${said}`);
    return { mediaType, digest, size: bytes.length };
  }

  /** The text of a manifest over one new blob. */
  async manifest(name, content, more = {}) {
    await this.blob(name, '{}');
    const layers = [await this.blob(name, content)];
    return JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, artifactType: 'text/x-note', config: EMPTY, layers, ...more });
  }

  put(name, reference, text, type = MANIFEST) {
    return this.ask('PUT', `/v2/${name}/manifests/${reference}`, { headers: { 'content-type': type }, body: text });
  }

  /** Keeps a new manifest under a tag; returns its text and digest. */
  async tagged(name, tag, content, more) {
    const text = await this.manifest(name, content, more);
    const { status, bytes } = await this.put(name, tag, text);
    if (status !== 201) throw new Error(`a manifest was not kept: ${status} ${bytes}`);
    return { text, digest: digestOf(Buffer.from(text)), layer: JSON.parse(text).layers[0] };
  }
}
