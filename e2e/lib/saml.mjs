// A SAML identity provider with one person, whose name is typed on its page.
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './server.mjs';
import { tempDir, until } from './wait.mjs';

const run = promisify(execFile);
const PROGRAM = new URL('../node_modules/saml-idp/bin/run.js', import.meta.url).pathname;

/** Makes a key with its certificate. */
export async function pair(after) {
  const dir = await tempDir(after);
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test'],
    ...['-keyout', key, '-out', cert],
  ]);
  return { key, cert };
}

/**
 * Starts one that knows the registry at `registry`; returns where its metadata is. Its name is `localhost` and the registry's
 * an address, so that for a browser they are two sites, as in life.
 */
export async function startIdp(after, registry) {
  const port = await freePort();
  const { key, cert } = await pair(after);
  const idp = spawn(process.execPath, [
    ...[PROGRAM, '--host', '127.0.0.1', '--port', `${port}`, '--key', key, '--cert', cert],
    ...['--issuer', 'urn:example:institute', '--acsUrl', `${registry}/complete/saml/`],
    ...['--audience', `${registry}/saml_auth/saml.xml`],
  ]);
  let log = '';
  for (const stream of [idp.stdout, idp.stderr]) stream.on('data', (bytes) => (log += bytes));
  let ended = false;
  idp.on('exit', () => (ended = true));
  after(() => idp.kill());
  const metadata = `http://localhost:${port}/metadata`;
  await until('the identity provider is ready', async () => {
    if (ended) throw new Error(`it ended: ${log}`);
    return (await fetch(metadata)).ok;
  });
  return metadata;
}
