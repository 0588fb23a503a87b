// One gigabyte out and in, one stream: against nginx with sendfile, docker-registry, and bare SHA-256.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { sha256 } from '../lib/apptainer.mjs';
import { Library, curl } from '../lib/library.mjs';
import { Server } from '../lib/server.mjs';
import { tempDir } from '../lib/wait.mjs';
import { randomImage } from './image.mjs';
import { dockerRegistry, nginx } from './peers.mjs';
import { measure, median, peakMib, resetPeak, residentMib } from './process.mjs';

const GIB = 1024 ** 3;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);

export async function transfer(after, print) {
  const dir = await tempDir(after);
  const server = await Server.start(after);
  const library = new Library(server.url, await server.user('bench'));
  const pid = server.process.pid;
  const registry = await dockerRegistry(after);

  // Every round pushes bytes that neither server has seen.
  const pushes = { ours: [], registry: [], hash: [], openssl: [], growth: [] };
  let file;
  for (let round = 0; round < ROUNDS; round += 1) {
    file = join(dir, 'gib.sif');
    await randomImage(file, GIB);
    const digest = await sha256(file);
    pushes.hash.push(hashCost(file));
    pushes.openssl.push(opensslCost(file));

    const container = await library.container('bench/bench/gib');
    const image = await library.image(container, digest);
    const ticket = await library.ticket(image, GIB, digest);
    const before = residentMib(pid);
    resetPeak(pid);
    pushes.ours.push(
      await measure(pid, async () => {
        await curl('--upload-file', file, ticket);
        await library.complete(image);
      }),
    );
    pushes.growth.push(peakMib(pid) - before);
    await library.tag(container, image, 'latest');
    pushes.registry.push(await measure(registry.pid, () => pushBlob(registry.url, file, digest)));
  }
  report(print, pushes);

  const peer = await nginx(after, dir);
  const location = await fetch(`${server.url}/v1/imagefile/bench/bench/gib:latest?arch=amd64`, { redirect: 'manual' });
  const address = location.headers.get('location') ?? location.url;
  await location.body?.cancel();
  const pulls = { ours: [], nginx: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    pulls.ours.push(await measure(pid, () => curl(address)));
    pulls.nginx.push(await measure(peer.pid, () => curl(`${peer.url}/gib.sif`)));
  }
  const seconds = (runs) => median(runs.map((run) => run.seconds));
  const cpu = (runs) => median(runs.map((run) => run.cpu));
  const ratio = seconds(pulls.nginx) / seconds(pulls.ours);
  print({
    what: 'pull 1 GiB, speed beside nginx with sendfile',
    found: `${ratio.toFixed(2)} times (${rate(seconds(pulls.ours))} and ${rate(seconds(pulls.nginx))})`,
    goal: 'at least 1.0',
    good: ratio >= 1,
  });
  print({
    what: 'pull 1 GiB, CPU seconds beside nginx',
    found: `${cpu(pulls.ours).toFixed(2)} s and ${cpu(pulls.nginx).toFixed(2)} s`,
  });
}

function report(print, pushes) {
  const cpu = median(pushes.ours.map((run) => run.cpu));
  const hash = median(pushes.hash);
  const wall = median(pushes.ours.map((run) => run.seconds));
  const theirs = median(pushes.registry.map((run) => run.seconds));
  print({
    what: 'push 1 GiB, CPU beside SHA-256 alone',
    found: `${(cpu / hash).toFixed(2)} times (${cpu.toFixed(2)} s and ${hash.toFixed(2)} s; OpenSSL: ${median(pushes.openssl).toFixed(2)} s)`,
    goal: 'at most 1.5',
    good: cpu / hash <= 1.5,
  });
  print({
    what: 'push 1 GiB, speed beside docker-registry',
    found: `${(theirs / wall).toFixed(2)} times (${rate(wall)} and ${rate(theirs)})`,
    goal: 'at least 2',
    good: theirs / wall >= 2,
  });
  const growth = Math.max(...pushes.growth);
  print({
    what: 'push 1 GiB, growth of the peak memory',
    found: `${growth.toFixed(1)} MiB`,
    goal: 'below 40 MiB',
    good: growth < 40,
  });
}

const rate = (seconds) => `${(1 / seconds).toFixed(2)} GiB/s`;

/** CPU seconds of SHA-256 over the file, by the library that the server uses. */
function hashCost(file) {
  return Number(execFileSync(process.env.SREGISTRY_BENCH_THROUGHPUT, ['hash', file], { encoding: 'utf8' }));
}

/** CPU seconds of OpenSSL's SHA-256 over the file, to tell how good that library is on this processor. */
function opensslCost(file) {
  const script = `TIMEFORMAT='%U %S'; time openssl dgst -sha256 '${file}' >/dev/null`;
  const spent = execFileSync('bash', ['-c', `{ ${script}; } 2>&1`], { encoding: 'utf8' });
  return spent.trim().split(' ').map(Number).reduce((a, b) => a + b);
}

async function pushBlob(url, file, digest) {
  const begun = await fetch(`${url}/v2/bench/blobs/uploads/`, { method: 'POST' });
  const location = begun.headers.get('location');
  const target = `${location}${location.includes('?') ? '&' : '?'}digest=sha256:${digest}`;
  await curl('--upload-file', file, '--header', 'content-type: application/octet-stream', target);
}
