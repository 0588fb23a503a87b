// The real client, with a home of its own: keys, cache and remotes are this client's alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './wait.mjs';

const LAB = process.env.SREGISTRY_E2E_LAB;
const PROGRAM = join(LAB, 'apptainer/bin/apptainer');

/** The path of a sample image: tiny, full, arm64, big. */
export const sample = (name) => join(LAB, 'samples', `${name}.sif`);

/** The size of a file in bytes. */
export const size = async (file) => (await stat(file)).size;

/** The SHA-256 of a file, as 64 hexadecimal digits. */
export async function sha256(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

export class Client {
  /** A client whose only remote is the server at `url`; with `token`, it is signed in there. */
  static async at(after, url, token = '') {
    const client = new Client();
    client.home = await tempDir(after);
    client.url = url;
    await mkdir(join(client.home, 'config'));
    await client.writeRemote(token);
    return client;
  }

  // `remote add` cannot be used with a port: it drops the scheme and later commands fail for want of it.
  async writeRemote(token) {
    const file = join(this.home, 'config/remote.yaml');
    await writeFile(
      file,
      `Active: here
Remotes:
    here:
        URI: ${this.url}
${token && `        Token: ${token}\n`}        System: false
        Exclusive: false
        Insecure: true
`,
    );
    await chmod(file, 0o600);
  }

  /** What the client keeps of its remotes. */
  remotes() {
    return readFile(join(this.home, 'config/remote.yaml'), 'utf8');
  }

  /** A path in the client's home for a file to pull into. */
  path(name) {
    return join(this.home, name);
  }

  /** Starts a command; `result` of it waits for `{ code, output }`. */
  start(...args) {
    const child = spawn(PROGRAM, args, {
      cwd: this.home,
      env: { ...process.env, SING_HOME: this.home, NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    child.stdin.end(this.input ?? '');
    child.output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (child.output += bytes));
    child.result = once(child, 'close').then(([code]) => ({ code, output: child.output }));
    return child;
  }

  /** Runs a command to its end, whatever its end is. */
  attempt(...args) {
    return this.start(...args).result;
  }

  /** Runs a command that must succeed; returns what it printed. */
  async run(...args) {
    const { code, output } = await this.attempt(...args);
    if (code !== 0) throw new Error(`apptainer ${args.join(' ')} ended with ${code}:\n${output}`);
    return output;
  }

  push(file, ref, ...flags) {
    return this.run('push', '-U', ...flags, file, ref);
  }

  /** Pulls without the client's own cache, so that the bytes come from the server. */
  async pull(ref, name = 'pulled.sif', ...flags) {
    const file = this.path(name);
    await this.run('pull', '--force', '--disable-cache', ...flags, file, ref);
    return file;
  }
}

/** Kills a started command as a power cut would: the whole process group, at once. */
export async function killHard(child) {
  process.kill(-child.pid, 'SIGKILL');
  await child.result;
}
