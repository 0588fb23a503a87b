// A small client of the library protocol: fills a registry for tests that are about something else, and
// lets the benchmark time single steps of a push. The real client's own behaviour is tested with the real client.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { sha256, size } from './apptainer.mjs';

const run = promisify(execFile);

export class Library {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  /** One call; returns the envelope's data, or undefined for a 404 to a GET. */
  async call(method, path, body) {
    const answer = await fetch(this.url + path, {
      method,
      headers: { authorization: `Bearer ${this.token}` },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (method === 'GET' && answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text).data : undefined;
  }

  async findOrMake(kind, path, body) {
    return (await this.call('GET', `/v1/${kind}/${path}`)) ?? this.call('POST', `/v1/${kind}`, body);
  }

  /** The container of `entity/collection/name`, made where it is missing. */
  async container(path) {
    const [entity, collection, name] = path.split('/');
    const { id: entityId } = await this.findOrMake('entities', entity, { name: entity });
    const collectionPath = `${entity}/${collection}`;
    const { id: collectionId } = await this.findOrMake('collections', collectionPath, { name: collection, entity: entityId });
    return this.findOrMake('containers', path, { name, collection: collectionId });
  }

  /** Registers an image by its digest; `uploaded` of the answer says whether the bytes are there already. */
  image(container, digest) {
    return this.call('POST', '/v1/images', { hash: `sha256.${digest}`, container: container.id });
  }

  tag(container, image, tag, arch = 'amd64') {
    return this.call('POST', `/v2/tags/${container.id}`, { Arch: arch, Tag: tag, ImageID: image.id });
  }

  /** Pushes a file under `entity/collection/name:tag`. */
  async push(file, ref, arch = 'amd64') {
    const [path, tag = 'latest'] = ref.split(':');
    const digest = await sha256(file);
    const container = await this.container(path);
    const image = await this.image(container, digest);
    if (!image.uploaded) await this.upload(image, file, digest);
    await this.tag(container, image, tag, arch);
    return digest;
  }

  /** Sends the bytes in one PUT. */
  async upload(image, file, digest) {
    const ticket = await this.ticket(image, await size(file), digest);
    const answer = await fetch(ticket, { method: 'PUT', body: await readFile(file) });
    if (!answer.ok) throw new Error(`PUT ${ticket}: ${answer.status} ${await answer.text()}`);
    await this.complete(image);
  }

  /** Asks for an address to send the bytes to. */
  async ticket(image, filesize, digest) {
    const { uploadURL } = await this.call('POST', `/v2/imagefile/${image.id}`, { filesize, sha256sum: digest });
    return uploadURL;
  }

  complete(image) {
    return this.call('PUT', `/v2/imagefile/${image.id}/_complete`, {});
  }

  startParts(image, filesize) {
    return this.call('POST', `/v2/imagefile/${image.id}/_multipart`, { filesize });
  }

  async partUrl(image, upload, partNumber, partSize) {
    const body = { uploadID: upload.uploadID, partNumber, partSize };
    return (await this.call('PUT', `/v2/imagefile/${image.id}/_multipart`, body)).presignedURL;
  }

  completeParts(image, upload, completedParts) {
    return this.call('PUT', `/v2/imagefile/${image.id}/_multipart_complete`, { uploadID: upload.uploadID, completedParts });
  }
}

/**
 * Runs curl, whose own cost is small and the same for every server measured.
 * Fails on any status but a success; returns what `-w` was asked to print.
 */
export async function curl(...args) {
  const { stdout } = await run('curl', ['--silent', '--show-error', '--fail-with-body', '--output', '/dev/null', ...args]);
  return stdout;
}
