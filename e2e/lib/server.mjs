// Starts the real binary with a data folder of its own, and is its operator: commands, log, stop.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { tempDir, until } from './wait.mjs';

const run = promisify(execFile);
const BINARY = process.env.SREGISTRY_E2E_BINARY;

/** A port that is free now. */
export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

export class Server {
  /**
   * Starts a server and waits until it answers.
   * `after` registers the clean-up, `env` adds settings, `port` is a free one, `publicUrl(url)` may name another address
   * (a meter's) as the one that clients see.
   */
  static async start(after, { env = {}, port, publicUrl } = {}) {
    const server = new Server();
    server.dataDir = await tempDir(after);
    server.port = port ?? (await freePort());
    server.address = `http://127.0.0.1:${server.port}`;
    server.url = publicUrl ? await publicUrl(server.address) : server.address;
    server.env = {
      // Nothing of the caller's own settings: a test means what it says.
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SREGISTRY_'))),
      SREGISTRY_LISTEN: `127.0.0.1:${server.port}`,
      SREGISTRY_DATA_DIR: server.dataDir,
      SREGISTRY_DOMAIN_NAME: server.url,
      SREGISTRY_WEB_DIR: new URL('../../frontend/dist', import.meta.url).pathname,
      NO_COLOR: '1',
      ...env,
    };
    after(() => server.kill());
    await server.launch();
    return server;
  }

  /** Starts the process again on the same data, after `stop` or `kill`. */
  async launch() {
    this.log = '';
    const process = spawn(BINARY, ['serve'], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = process;
    this.ended = false;
    process.on('exit', () => (this.ended = true));
    for (const stream of [process.stdout, process.stderr]) stream.on('data', (bytes) => (this.log += bytes));
    await until('the server is ready', async () => {
      if (this.ended) throw new Error(`it ended: ${this.log}`);
      return (await fetch(`${this.address}/version`)).ok;
    });
  }

  /** The one-time link that makes the first administrator, as the server printed it. */
  async setupLink() {
    return until('the server prints its one-time link', () => this.log.match(/https?:\/\/\S*setup\S*/)?.[0]);
  }

  /** Runs a command of the same binary beside the running server; returns what it printed. */
  async command(...args) {
    const { stdout } = await run(BINARY, args, { env: this.env });
    return stdout;
  }

  /** Makes a user, where there is none of that name, and returns a new token. */
  async user(name, ...flags) {
    const out = await this.command('user', 'add', name, ...flags, '--print-token');
    return out.trimEnd().split('\n').at(-1);
  }

  /** Asks the JSON API; throws with the server's own words when it refuses. */
  async api(method, path, { token, body } = {}) {
    const answer = await fetch(`${this.address}/api/v1${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${text}`), { status: answer.status });
    return text ? JSON.parse(text) : undefined;
  }

  /** Asks the server to end, as an operator would, and returns the exit code. */
  async stop() {
    if (this.ended) return this.process.exitCode;
    const exit = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const [code] = await exit;
    return code;
  }

  async kill() {
    if (this.ended || !this.process) return;
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
  }
}
