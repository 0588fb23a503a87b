// Start to ready, memory at rest, and the weight of the first page.
import { readdir, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Server } from '../lib/server.mjs';
import { median, residentMib } from './process.mjs';

const DIST = new URL('../../frontend/dist/', import.meta.url);

export async function start(after, print) {
  const server = await Server.start(after);
  const times = [];
  for (let round = 0; round < 5; round += 1) {
    await server.stop();
    const begin = performance.now();
    await server.launch();
    times.push(performance.now() - begin);
  }
  const ms = median(times);
  print({ what: 'start to ready', found: `${ms.toFixed(0)} ms`, goal: 'below 1000 ms', good: ms < 1000 });

  await pause(5000);
  print({ what: 'memory at rest', found: `${residentMib(server.process.pid).toFixed(1)} MiB` });

  const files = (await readdir(DIST)).filter((name) => name.endsWith('.br'));
  const sizes = await Promise.all(files.map(async (name) => [name, (await stat(new URL(name, DIST))).size]));
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  const wasm = sizes.find(([name]) => name.endsWith('.wasm.br'))[1];
  print({
    what: 'the web application, in brotli',
    found: `${(total / 1000).toFixed(0)} KB, of which WASM ${(wasm / 1000).toFixed(0)} KB`,
    goal: 'WASM at most 500 KB',
    good: wasm <= 500_000,
  });
}
