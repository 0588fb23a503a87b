// The older command line client, with a home of its own: credentials, database and storage are this client's alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from './wait.mjs';

const PROGRAM = join(process.env.SREGISTRY_E2E_LAB, 'sregistry-cli/bin/sregistry');

export class Sregistry {
  /** A client that is configured for the server at `url` as `username` with `token`. */
  static async at(after, url, username, token) {
    const client = new Sregistry();
    client.home = await tempDir(after);
    await mkdir(join(client.home, 'database'));
    const registry = { base: url, username, token };
    await writeFile(join(client.home, '.sregistry'), JSON.stringify({ registry }), { mode: 0o600 });
    return client;
  }

  /** Runs a command to its end; `{ code, output }`, without the colours. */
  async attempt(...args) {
    const child = spawn(PROGRAM, args, {
      cwd: this.home,
      env: { ...process.env, ...this.env, SREGISTRY_HOME: this.home, PYTHONUNBUFFERED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
    const [code] = await once(child, 'close');
    return { code, output: output.replaceAll(/\x1b\[[0-9;]*m/g, '') };
  }

  /** Runs a command that must succeed; returns what it printed. */
  async run(...args) {
    const { code, output } = await this.attempt(...args);
    if (code !== 0 || /Traceback/.test(output)) throw new Error(`sregistry ${args.join(' ')} ended with ${code}:\n${output}`);
    return output;
  }

  /** Pushes a file. The client ends well even when the second step failed, so what it printed is what counts. */
  push(file, name) {
    return this.attempt('push', '--name', name, file);
  }

  /** Pulls into a file of the client's home, not into its storage. */
  async pull(name, file = 'pulled.sif') {
    const path = join(this.home, file);
    return { path, ...(await this.attempt('pull', '--no-cache', '--force', '--name', path, name)) };
  }
}
