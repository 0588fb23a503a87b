// Real OCI clients, each with a home of its own, and images that are made here without any of them.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { tempDir } from './wait.mjs';

const exec = promisify(execFile);
const ORAS = join(process.env.SREGISTRY_E2E_LAB, 'oras/usr/bin/oras');

export const digestOf = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export class OciClient {
  /** A client with nothing in its home; with `token`, both programs are signed in as `user`. */
  static async at(after, url, { user, token } = {}) {
    const client = new OciClient();
    client.dir = await tempDir(after);
    client.host = new URL(url).host;
    if (token) await client.login(user, token);
    return client;
  }

  get auth() {
    return join(this.dir, 'auth.json');
  }

  async attempt(program, ...args) {
    const env = { ...process.env, HOME: this.dir, DOCKER_CONFIG: this.dir, REGISTRY_AUTH_FILE: this.auth };
    try {
      const { stdout, stderr } = await exec(program, args, { cwd: this.dir, env, maxBuffer: 64 * 1024 ** 2 });
      return { code: 0, stdout, output: stdout + stderr };
    } catch ({ code, stdout, stderr }) {
      return { code, stdout, output: stdout + stderr };
    }
  }

  async run(program, ...args) {
    const { code, stdout, output } = await this.attempt(program, ...args);
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`);
    return stdout;
  }

  async login(user, token) {
    await this.run(ORAS, 'login', '--plain-http', '-u', user, '-p', token, this.host);
    await this.run('skopeo', 'login', '--tls-verify=false', '-u', user, '-p', token, this.host);
  }

  oras(...args) {
    return this.run(ORAS, ...args);
  }

  tryOras(...args) {
    return this.attempt(ORAS, ...args);
  }

  skopeo(...args) {
    return this.run('skopeo', '--insecure-policy', ...args);
  }

  trySkopeo(...args) {
    return this.attempt('skopeo', '--insecure-policy', ...args);
  }

  ref(name) {
    return `${this.host}/${name}`;
  }

  /** A folder with an ordinary OCI image of one small layer; returns its path and the digest of its manifest. */
  async image(name = 'layout', content = 'hello') {
    const dir = join(this.dir, name);
    const blobs = join(dir, 'blobs/sha256');
    await mkdir(blobs, { recursive: true });
    const keep = async (mediaType, bytes) => {
      const digest = digestOf(bytes);
      await writeFile(join(blobs, digest.slice(7)), bytes);
      return { mediaType, digest, size: bytes.length };
    };
    const json = (value) => Buffer.from(JSON.stringify(value));
    const tar = tarOf('greeting.txt', Buffer.from(content));
    const layer = await keep('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar));
    const config = await keep(
      'application/vnd.oci.image.config.v1+json',
      json({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [digestOf(tar)] } }),
    );
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = await keep(mediaType, json({ schemaVersion: 2, mediaType, config, layers: [layer] }));
    await writeFile(join(dir, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
    await writeFile(join(dir, 'index.json'), json({ schemaVersion: 2, manifests: [manifest] }));
    return { dir, digest: manifest.digest, layer: layer.digest };
  }
}

/** A tar archive of one file. */
function tarOf(name, content) {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc(512 - (content.length % 512)), Buffer.alloc(1024)]);
}
