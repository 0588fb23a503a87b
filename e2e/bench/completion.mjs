// How long the last call of a push by parts takes: it must not depend on the size of the image.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { sample } from '../lib/apptainer.mjs';
import { Library } from '../lib/library.mjs';
import { Server } from '../lib/server.mjs';

const GIB = 1024 ** 3;
const SIZES = (process.env.BENCH_COMPLETION_GIB ?? '1,4,16').split(',').map(Number);

export async function completion(after, print) {
  const server = await Server.start(after);
  const library = new Library(server.url, await server.user('bench'));
  const head = await readFile(sample('tiny'));

  for (const gib of SIZES) {
    const container = await library.container(`bench/parts/gib${gib}`);
    const image = await library.image(container, digestOf(head, gib * GIB));
    const upload = await library.startParts(image, gib * GIB);
    const completed = [];
    for (let number = 1; number <= upload.totalParts; number += 1) {
      const from = (number - 1) * upload.partSize;
      const bytes = part(head, from, Math.min(upload.partSize, gib * GIB - from));
      const url = await library.partUrl(image, upload, number, bytes.length);
      const answer = await fetch(url, { method: 'PUT', body: bytes });
      if (!answer.ok) throw new Error(`part ${number}: ${answer.status} ${await answer.text()}`);
      completed.push({ partNumber: number, token: answer.headers.get('etag') ?? '' });
    }
    const start = performance.now();
    await library.completeParts(image, upload, completed);
    const ms = performance.now() - start;
    await library.tag(container, image, 'latest');
    print({
      what: `completion of a push by parts, ${gib} GiB`,
      found: `${ms.toFixed(0)} ms`,
      goal: 'below 100 ms',
      good: ms < 100,
    });
  }
}

// The image is a small real one with a filling of zeros behind it.
const zeros = Buffer.alloc(64 * 1024 * 1024);

function part(head, from, length) {
  const bytes = length <= zeros.length ? zeros.subarray(0, length) : Buffer.alloc(length);
  return from === 0 ? Buffer.concat([head, bytes.subarray(head.length)]) : bytes;
}

function digestOf(head, size) {
  const hash = createHash('sha256').update(head);
  for (let left = size - head.length; left > 0; left -= zeros.length) hash.update(zeros.subarray(0, Math.min(left, zeros.length)));
  return hash.digest('hex');
}
