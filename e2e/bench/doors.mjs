// The same file in and out by each door, beside docker-registry, turn by turn.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Caller, hex, into, outOf } from '../lib/doors.mjs';
import { Server } from '../lib/server.mjs';
import { tempDir } from '../lib/wait.mjs';
import { randomImage } from './image.mjs';
import { dockerRegistry } from './peers.mjs';
import { measure, median } from './process.mjs';

const MIB = Number(process.env.BENCH_DOOR_MIB ?? 256);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);

export async function doors(after, print) {
  const dir = await tempDir(after);
  const server = await Server.start(after);
  const caller = new Caller(server.url, 'bench', await server.user('bench'));
  await server.api('POST', '/collections', { token: caller.token, body: { name: 'bench' } });
  const registry = await dockerRegistry(after);
  const pid = server.process.pid;
  const runs = { in: {}, out: {} };
  const note = (way, door, run) => (runs[way][door] ??= []).push(run.seconds);

  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [door, push] of Object.entries(into)) {
      const file = join(dir, 'image.sif');
      await randomImage(file, MIB * 1024 ** 2);
      const ref = { owner: 'bench', collection: 'bench', container: `c${round}`, tag: door.replaceAll(/[^a-z]/gi, '') };
      const bytes = await readFile(file);
      const digest = hex(bytes);
      note('in', door, await measure(pid, () => push(caller, ref, bytes)));
      if (door === 'OCI') {
        registry.blob = `sha256:${digest}`;
        note('in', 'docker-registry', await measure(registry.pid, () => pushTo(registry, bytes)));
      }
    }
    const ref = { owner: 'bench', collection: 'bench', container: `c${round}`, tag: 'OCI' };
    for (const [door, pull] of Object.entries(outOf)) {
      note('out', door, await measure(pid, () => pull(caller, ref)));
    }
    note('out', 'docker-registry', await measure(registry.pid, async () => {
      await (await fetch(`${registry.url}/v2/bench/blobs/${registry.blob}`)).arrayBuffer();
    }));
  }
  for (const [way, doors] of Object.entries(runs)) {
    const theirs = median(doors['docker-registry']);
    for (const [door, seconds] of Object.entries(doors)) {
      if (door === 'docker-registry') continue;
      const ours = median(seconds);
      print({
        what: `${MIB} MiB ${way} by ${door}, speed beside docker-registry`,
        found: `${(theirs / ours).toFixed(2)} times (${rate(ours)} and ${rate(theirs)})`,
      });
    }
  }
}

const rate = (seconds) => `${(MIB / 1024 / seconds).toFixed(2)} GiB/s`;

async function pushTo({ url, blob }, body) {
  const begun = await fetch(`${url}/v2/bench/blobs/uploads/`, { method: 'POST' });
  const location = begun.headers.get('location');
  const target = `${location}${location.includes('?') ? '&' : '?'}digest=${blob}`;
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await fetch(target, { method: 'PUT', body, headers });
  if (!answer.ok) throw new Error(`docker-registry: ${answer.status}`);
}
