// What a client asks before every pull, with ten thousand containers to choose from, on both databases.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sample } from '../lib/apptainer.mjs';
import { Library } from '../lib/library.mjs';
import { Server } from '../lib/server.mjs';
import { tempDir } from '../lib/wait.mjs';
import { UNREACHED } from './limits.mjs';

const run = promisify(execFile);
const CONTAINERS = Number(process.env.BENCH_CONTAINERS ?? 10_000);
const POSTGRES = new URL('../../scripts/lab/postgres', import.meta.url).pathname;

export async function metadata(after, print) {
  await onDatabase('SQLite', {}, after, print);
  const dir = await tempDir(after);
  const { stdout } = await run(POSTGRES, ['start', join(dir, 'pg')]);
  after(() => run(POSTGRES, ['stop', join(dir, 'pg')]));
  await onDatabase('PostgreSQL', { SREGISTRY_DATABASE_URL: stdout.trim() }, after, print);
}

async function onDatabase(name, env, after, print) {
  const server = await Server.start(after, { env: { ...UNREACHED, ...env } });
  await fill(new Library(server.url, await server.user('bench')));

  const dir = await tempDir(after);
  const script = join(dir, 'any.lua');
  await writeFile(
    script,
    `request = function()
  return wrk.format("GET", string.format("/v1/images/bench/many/c%05d:latest?arch=amd64", math.random(0, ${CONTAINERS - 1})))
end
done = function(summary, latency)
  print(string.format("RESULT %.0f %.2f %.2f %d", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.status + summary.errors.read))
end`,
  );
  const load = (duration) => run('wrk', ['-t1', '-c16', `-d${duration}`, '-s', script, server.url]);
  await load('2s');
  const { stdout } = await load('10s');
  const [rps, p50, p99, errors] = stdout.match(/RESULT (.*)/)[1].split(' ').map(Number);
  print({
    what: `image metadata of ${CONTAINERS} containers, ${name}`,
    found: `${rps} requests/s, p50 ${p50} ms, p99 ${p99} ms${errors ? `, ${errors} errors` : ''}`,
    goal: 'no errors',
    good: errors === 0,
  });
}

/** Pushes the same bytes into every container; only the first time are they sent. */
async function fill(library) {
  const digest = await library.push(sample('tiny'), 'bench/many/c00000:latest');
  const { collection } = await library.container('bench/many/c00000');
  let next = 1;
  const worker = async () => {
    while (next < CONTAINERS) {
      const name = `c${String(next).padStart(5, '0')}`;
      next += 1;
      const container = await library.call('POST', '/v1/containers', { name, collection });
      const image = await library.image(container, digest);
      if (!image.uploaded) throw new Error('the bytes were asked for again');
      await library.tag(container, image, 'latest');
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
