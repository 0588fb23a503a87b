// What it costs to count a request, beside what a request for metadata costs altogether; and how long signing in takes.
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { sample } from '../lib/apptainer.mjs';
import { Library } from '../lib/library.mjs';
import { Server } from '../lib/server.mjs';
import { measure } from './process.mjs';
import { signIn } from './sign_in.mjs';

const run = promisify(execFile);
const NEVER = '1000000000/s';

/**
 * Settings of a server that a load generator asks from one address as fast as it can: requests are counted, and the limits
 * are never reached.
 */
export const UNREACHED = {
  SREGISTRY_API_ANON_THROTTLE_RATE: NEVER,
  SREGISTRY_API_USER_THROTTLE_RATE: NEVER,
  SREGISTRY_VIEW_RATE_LIMIT: NEVER,
};

export async function limits(after, print) {
  const server = await Server.start(after, { env: UNREACHED });
  const library = new Library(server.url, await server.user('bench'));
  await library.push(sample('tiny'), 'bench/bench/limits:latest');
  const url = `${server.url}/v1/images/bench/bench/limits:latest?arch=amd64`;
  const load = async (duration) => {
    const { stdout } = await run('wrk', ['-t1', '-c16', `-d${duration}`, url]);
    return Number(stdout.match(/(\d+) requests in/)[1]);
  };
  await load('2s');
  let requests = 0;
  const spent = await measure(server.process.pid, async () => (requests = await load('10s')));
  const request = (spent.cpu / requests) * 1e9;
  const counted = execFileSync(process.env.SREGISTRY_BENCH_RATES, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [token, address] = counted.split(' ').map(Number);
  const share = (Math.max(token, address) / request) * 100;
  print({
    what: 'counting a request, of the CPU time of a metadata request',
    found: `${share.toFixed(2)} % (${token} ns for a token, ${address} ns among many addresses; a request ${(request / 1000).toFixed(0)} µs)`,
    goal: 'below 5 %',
    good: share < 5,
  });
  await signIn(after, print);
}
