// A real S3 service for one test file: SeaweedFS, with one bucket, gone afterwards.
import { execFile } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import { tempDir } from './wait.mjs';

const run = promisify(execFile);
const SCRIPT = new URL('../../scripts/lab/seaweedfs', import.meta.url).pathname;

export class S3 {
  static async start(after) {
    const s3 = new S3();
    const dir = await tempDir(after);
    after(() => run(SCRIPT, ['stop', dir]));
    const { stdout } = await run(SCRIPT, ['start', dir]);
    const url = new URL(stdout.trim().split('\n').at(-1));
    s3.origin = url.origin;
    s3.bucket = url.pathname.slice(1);
    s3.access = url.username;
    s3.secret = url.password;
    return s3;
  }

  /** The settings of a server that keeps its images here, below a prefix. */
  settings(prefix) {
    return {
      SREGISTRY_STORAGE_URL: `s3://${this.bucket}/${prefix}`,
      SREGISTRY_STORAGE_ENDPOINT: this.origin,
      SREGISTRY_STORAGE_ACCESS_KEY: this.access,
      SREGISTRY_STORAGE_SECRET_KEY: this.secret,
    };
  }

  /** What curl needs to sign a request to the service itself. */
  signing() {
    return ['--aws-sigv4', 'aws:amz:us-east-1:s3', '--user', `${this.access}:${this.secret}`, '--header', 'x-amz-content-sha256: UNSIGNED-PAYLOAD'];
  }

  /** The keys below a prefix. */
  async keys(prefix) {
    const query = `list-type=2&prefix=${encodeURIComponent(prefix)}`;
    const answer = await fetch(`${this.origin}/${this.bucket}?${query}`, { headers: this.#sign('GET', `/${this.bucket}`, query) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status} ${text}`);
    return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key);
  }

  /** The headers of a signed request without a body (AWS Signature Version 4). */
  #sign(method, path, query) {
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
    const names = 'host;x-amz-content-sha256;x-amz-date';
    const hash = (text) => createHash('sha256').update(text).digest('hex');
    const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
    const request = `${method}\n${path}\n${query}\nhost:${new URL(this.origin).host}\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:${date}\n\n${names}\nUNSIGNED-PAYLOAD`;
    const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash(request)}`;
    const key = scope.split('/').reduce(hmac, `AWS4${this.secret}`);
    const signature = hmac(key, text).toString('hex');
    return {
      'x-amz-date': date,
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      authorization: `AWS4-HMAC-SHA256 Credential=${this.access}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    };
  }
}
