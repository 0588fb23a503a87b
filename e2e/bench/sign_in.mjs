// How long signing in takes with a directory and with an OpenID Connect provider, without the time that these take themselves.
import { execFile } from 'node:child_process';
import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CLIENT, startProvider, visit } from '../lib/oidc.mjs';
import { Server, freePort } from '../lib/server.mjs';
import { tempDir } from '../lib/wait.mjs';
import { median } from './process.mjs';

const run = promisify(execFile);
const SLAPD = new URL('../../scripts/lab/slapd', import.meta.url).pathname;
/** Sign-ins that are measured, after one that finds things out. */
const ROUNDS = 20;
const GOAL = 300;

/** Milliseconds that somebody else took meanwhile. */
class Stopwatch {
  #waiting = 0;
  #since = 0;
  #total = 0;

  /** Something was asked; it may be asked more than once at a time. */
  begin() {
    if (this.#waiting === 0) this.#since = performance.now();
    this.#waiting += 1;
  }

  /** Something was answered. */
  end() {
    if (this.#waiting === 0) return;
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#total += performance.now() - this.#since;
  }

  /** What was counted since the last call. */
  take() {
    const total = this.#total;
    this.#total = 0;
    return total;
  }

  /** Forgets what was counted, but for this. */
  put(total) {
    this.#total = total;
  }
}

/** A way to the directory that notes how long it takes to answer; returns its port. */
async function watched(after, port, watch) {
  const relay = createServer((client) => {
    const directory = connect(port, '127.0.0.1');
    let asked = false;
    const answered = () => {
      if (asked) watch.end();
      asked = false;
    };
    client.on('data', (bytes) => {
      if (!asked) watch.begin();
      asked = true;
      directory.write(bytes);
    });
    directory.on('data', (bytes) => {
      answered();
      client.write(bytes);
    });
    for (const [one, other] of [[client, directory], [directory, client]]) {
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        answered();
        other.end();
      });
    }
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  after(() => relay.close());
  return relay.address().port;
}

/** Signs in again and again, and prints what the registry's own part is. */
async function rounds(what, watch, signIn, print) {
  await signIn();
  const own = [];
  const theirs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    watch.take();
    const spent = await signIn();
    const waited = watch.take();
    own.push(spent - waited);
    theirs.push(waited);
  }
  // All but the two that something else on the machine was in the way of.
  const slow = [...own].sort((a, b) => a - b)[ROUNDS - 3];
  print({
    what: `signing in with ${what}`,
    found: `p50 ${median(own).toFixed(0)} ms, p90 ${slow.toFixed(0)} ms; the other side took ${median(theirs).toFixed(0)} ms more`,
    goal: `below ${GOAL} ms`,
    good: slow < GOAL,
  });
}

async function directory(after, print) {
  const at = join(await tempDir(after), 'slapd');
  await run(SLAPD, ['start', at]);
  after(() => run(SLAPD, ['stop', at]));
  const [plain] = (await readFile(join(at, 'ports'), 'utf8')).trim().split(' ').map(Number);
  const watch = new Stopwatch();
  const server = await Server.start(after, {
    env: {
      SREGISTRY_PLUGINS_ENABLED: 'ldap_auth',
      SREGISTRY_AUTH_LDAP_SERVER_URI: `ldap://127.0.0.1:${await watched(after, plain, watch)}`,
      SREGISTRY_AUTH_LDAP_BIND_DN: 'cn=registry,dc=example,dc=org',
      SREGISTRY_AUTH_LDAP_BIND_PASSWORD: 'service password',
      SREGISTRY_AUTH_LDAP_USER_SEARCH: 'ou=people,dc=example,dc=org',
      SREGISTRY_AUTH_LDAP_GROUP_SEARCH: 'ou=groups,dc=example,dc=org',
    },
  });
  const signIn = async () => {
    const begin = performance.now();
    const { account } = await server.api('POST', '/login/ldap', { body: { username: 'amy', password: "amy's password" } });
    const spent = performance.now() - begin;
    if (account?.username !== 'amy') throw new Error('somebody else is signed in');
    return spent;
  };
  await rounds('LDAP', watch, signIn, print);
}

async function provider(after, print) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const watch = new Stopwatch();
  const issuer = await startProvider(after, `${url}/complete/oidc/`, watch);
  const server = await Server.start(after, {
    port,
    env: {
      SREGISTRY_ENABLE_OIDC_AUTH: 'true',
      SREGISTRY_SOCIAL_AUTH_OIDC_OIDC_ENDPOINT: issuer,
      SREGISTRY_SOCIAL_AUTH_OIDC_KEY: CLIENT.id,
      SREGISTRY_SOCIAL_AUTH_OIDC_SECRET: CLIENT.secret,
    },
  });
  const signIn = async () => {
    const cookies = new Map();
    // There, the pages of the provider, which are nobody's time here, and back.
    let spent = 0;
    const timed = async (address) => {
      const begin = performance.now();
      const led = await visit(address, cookies);
      spent += performance.now() - begin;
      return led.location;
    };
    const there = await timed(`${url}/login/oidc/?next=/about`);
    const waited = watch.take();
    const back = await approved(there, `${url}/complete/oidc/`);
    watch.put(waited);
    const end = await timed(back);
    if (end !== '/about') throw new Error(`signing in led to ${end}`);
    return spent;
  };
  await rounds('OpenID Connect', watch, signIn, print);
}

/** Signs in on the provider's pages as somebody new to it; the address that it sends the browser back to. */
async function approved(address, callback) {
  const cookies = new Map();
  let at = address;
  let form;
  for (let step = 0; step < 20; step += 1) {
    const { location, text } = await visit(at, cookies, form);
    form = undefined;
    if (location) {
      at = new URL(location, at).href;
      if (at.startsWith(callback)) return at;
      continue;
    }
    const prompt = text.match(/name="prompt" value="(\w+)"/)?.[1];
    if (!prompt) throw new Error(`the provider shows what is not known: ${text.slice(0, 300)}`);
    at = new URL(text.match(/action="([^"]+)"/)[1], at).href;
    form = { prompt, login: 'amy', password: 'x' };
  }
  throw new Error('the provider leads nowhere');
}

export async function signIn(after, print) {
  await directory(after, print);
  await provider(after, print);
}
