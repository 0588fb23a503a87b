// The real gpg, with a home of its own, which asks one key server.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir } from './wait.mjs';

const execute = promisify(execFile);

export class Gpg {
  /** A gpg whose key server is the server at `url`. */
  static async at(after, url) {
    const gpg = new Gpg();
    gpg.home = join(await tempDir(after), 'gnupg');
    gpg.keyserver = url.replace(/^http:/, 'hkp:');
    await mkdir(gpg.home, { mode: 0o700 });
    // Its helper would ask for addresses that tests have not, and resolve names by itself.
    await writeFile(join(gpg.home, 'dirmngr.conf'), 'disable-ipv6\nstandard-resolver\n');
    after(() => execute('gpgconf', ['--homedir', gpg.home, '--kill', 'all']).catch(() => {}));
    return gpg;
  }

  /** Runs a command, whatever its end is. */
  async attempt(...args) {
    const fixed = ['--homedir', this.home, '--batch', '--yes', '--pinentry-mode', 'loopback', '--passphrase', ''];
    try {
      const { stdout, stderr } = await execute('gpg', [...fixed, '--keyserver', this.keyserver, ...args]);
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      return { code: error.code, output: `${error.stdout}${error.stderr}` };
    }
  }

  /** Runs a command that must succeed; returns what it printed. */
  async run(...args) {
    const { code, output } = await this.attempt(...args);
    if (code !== 0) throw new Error(`gpg ${args.join(' ')} ended with ${code}:\n${output}`);
    return output;
  }

  /** Makes a key; returns its fingerprint. */
  async makeKey(user) {
    await this.run('--quick-generate-key', user, 'ed25519', 'sign', '1y');
    return (await this.keys(user))[0].fingerprint;
  }

  /** The keys that it holds: fingerprint, whether one is revoked, user ids. */
  async keys(...which) {
    const { output } = await this.attempt('--with-colons', '--list-keys', ...which);
    const found = [];
    for (const line of output.split('\n')) {
      const [kind, validity, , , , , , , , text] = line.split(':');
      if (kind === 'pub') found.push({ revoked: validity === 'r', users: [] });
      if (kind === 'fpr') found.at(-1).fingerprint ??= text;
      if (kind === 'uid') found.at(-1).users.push(text);
    }
    return found;
  }

  /** Takes a key back, with the certificate that was made with it. */
  async revoke(fingerprint) {
    const file = join(this.home, 'openpgp-revocs.d', `${fingerprint}.rev`);
    // A colon before the first dashes keeps people from using it by mistake.
    await writeFile(file, (await readFile(file, 'utf8')).replace(':-----BEGIN', '-----BEGIN'));
    await this.run('--import', file);
  }
}
