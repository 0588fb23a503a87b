// One gigabyte through the server into a real S3 service and back, beside the same transfer made directly to it.
import { join } from 'node:path';
import { sha256 } from '../lib/apptainer.mjs';
import { Library, curl } from '../lib/library.mjs';
import { S3 } from '../lib/s3.mjs';
import { Server } from '../lib/server.mjs';
import { tempDir } from '../lib/wait.mjs';
import { randomImage } from './image.mjs';
import { measure, median, peakMib, resetPeak, residentMib } from './process.mjs';

const GIB = 1024 ** 3;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);

export async function s3(after, print) {
  const dir = await tempDir(after);
  const service = await S3.start(after);
  const server = await Server.start(after, { env: service.settings('bench') });
  const library = new Library(server.url, await server.user('bench'));
  const pid = server.process.pid;
  const file = join(dir, 'gib.sif');
  const object = `${service.origin}/${service.bucket}/direct`;
  const runs = { push: [], put: [], pull: [], get: [], growth: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    // Bytes that the server has not seen.
    await randomImage(file, GIB);
    const digest = await sha256(file);
    const image = await library.image(await library.container('bench/bench/gib'), digest);
    const ticket = await library.ticket(image, GIB, digest);
    const before = residentMib(pid);
    resetPeak(pid);
    runs.push.push(
      await measure(pid, async () => {
        await curl('--upload-file', file, ticket);
        await library.complete(image);
      }),
    );
    runs.growth.push(peakMib(pid) - before);
    runs.put.push(await measure(pid, () => curl(...service.signing(), '--upload-file', file, object)));
    const answer = await fetch(`${server.url}/v1/imagefile/bench/bench/gib:sha256.${digest}`, { redirect: 'manual' });
    const address = answer.headers.get('location');
    runs.pull.push(await measure(pid, () => curl(address)));
    runs.get.push(await measure(pid, () => curl(...service.signing(), object)));
  }
  const seconds = (name) => median(runs[name].map((run) => run.seconds));
  const compare = (what, ours, direct) =>
    print({
      what,
      found: `${(seconds(direct) / seconds(ours)).toFixed(2)} times (${rate(seconds(ours))} and ${rate(seconds(direct))})`,
    });
  compare('push 1 GiB into S3, speed beside doing it directly', 'push', 'put');
  compare('pull 1 GiB out of S3, speed beside doing it directly', 'pull', 'get');
  const growth = Math.max(...runs.growth);
  print({ what: 'push 1 GiB into S3, growth of the peak memory', found: `${growth.toFixed(1)} MiB`, goal: 'below 100 MiB', good: growth < 100 });
}

const rate = (seconds) => `${(1 / seconds).toFixed(2)} GiB/s`;
