// Many pushes at once: what they cost in memory.
import { join } from 'node:path';
import { curl, Library } from '../lib/library.mjs';
import { sha256 } from '../lib/apptainer.mjs';
import { Server } from '../lib/server.mjs';
import { tempDir } from '../lib/wait.mjs';
import { randomImage } from './image.mjs';
import { measure, peakMib, residentMib, resetPeak } from './process.mjs';

const PUSHES = Number(process.env.BENCH_PUSHES ?? 64);
const MIB = Number(process.env.BENCH_PUSH_MIB ?? 256);

export async function crowd(after, print) {
  const dir = await tempDir(after);
  const server = await Server.start(after);
  const library = new Library(server.url, await server.user('bench'));
  const pid = server.process.pid;
  const file = join(dir, 'image.sif');
  await randomImage(file, MIB * 1024 ** 2);
  const digest = await sha256(file);
  const container = await library.container('bench/bench/crowd');
  // All announce the same image and are given an upload of their own each: the bytes are sent, hashed and written 64 times.
  const image = await library.image(container, digest);
  const tickets = await Promise.all(
    Array.from({ length: PUSHES }, () => library.ticket(image, MIB * 1024 ** 2, digest)),
  );
  const before = residentMib(pid);
  resetPeak(pid);
  const spent = await measure(pid, () => Promise.all(tickets.map((ticket) => curl('--upload-file', file, ticket))));
  await library.complete(image);
  const peak = peakMib(pid);
  print({
    what: `${PUSHES} pushes of ${MIB} MiB at once, peak memory`,
    found: `${peak.toFixed(0)} MiB (${before.toFixed(0)} MiB before; ${((PUSHES * MIB) / 1024 / spent.seconds).toFixed(2)} GiB/s)`,
    goal: 'below 150 MiB',
    good: peak < 150,
  });
}
