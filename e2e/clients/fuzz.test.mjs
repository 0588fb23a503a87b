// The whole JSON API, every operation of the document, against a fuzzer that knows nothing but the document: it sends what the
// document allows and what it forbids, and wants each answer to be one that the document promises.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { after, describe, test } from 'node:test';
import { fuzz } from '../lib/fuzz.mjs';
import { content, people } from '../lib/given.mjs';
import { postgres } from '../lib/postgres.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd, until } from '../lib/temp.mjs';

// The same requests in every run. More examples find more, and take longer.
const SEED = Number(process.env.SREGISTRY_FUZZ_SEED ?? 20260101);
const LONG = Boolean(process.env.SREGISTRY_FUZZ_EXAMPLES);
const EXAMPLES = Number(process.env.SREGISTRY_FUZZ_EXAMPLES ?? 3);
// The pace of a fuzzer is what limits are for; they have tests of their own.
const PACE = 'none';
const settings = { SREGISTRY_API_USER_THROTTLE_RATE: PACE, SREGISTRY_API_ANON_THROTTLE_RATE: PACE, SREGISTRY_VIEW_RATE_LIMIT: PACE };

const sums = [];
// What `make test` shows behind the time of this part.
after(() => {
  const [operations, cases, findings] = [0, 1, 2].map((column) => sums.map((row) => row[column]));
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  console.log(`\nstep-note: fuzzer: ${Math.max(...operations)} operations, ${sum(cases)} cases, ${sum(findings)} findings`);
});

/** A registry in which there is something of everything, with names that `schemathesis.toml` knows. */
async function registry(env) {
  const server = await Server.start(atEnd, { env: { ...settings, ...env } });
  await people(server, 'amy', 'ben');
  await content(server, 'amy');
  const token = await server.user('root', '--superuser');
  const make = (path, body) => server.api('POST', path, { token, body });
  await make('/teams', { name: 'modellers', permission: 'open' });
  await make('/teams', { name: 'spare' });
  await make('/teams/modellers/invitations', {});
  await make('/robots', { name: 'nightly', collection: 'climate' });
  await make('/robots', { name: 'spare' });
  await make('/robots/robot-nightly/tokens', { name: 'builds' });
  const document = JSON.parse(await readFile(new URL('../../openapi/openapi.json', import.meta.url)));
  await make('/keys', document.components.schemas.NewKeys.example);
  await make('/webhooks', { collection: 'climate', url: 'https://hook.invalid/' });
  const image = '/collections/climate/containers/ocean/images/1.0';
  await until('the image is read', async () => (await server.api('GET', `${image}?arch=amd64`, { token })).image.state === 'ready');
  await make(`${image}/share_links?arch=amd64`, { expires_in_hours: 24 });
  const { items } = await server.api('GET', '/tokens', { token });
  return { server, token, own: { users: ['root'], tokens: items.map((item) => item.id) } };
}

async function findings(t, name, server, options) {
  const { ok, result, output } = await fuzz(atEnd, server.url, { seed: SEED, examples: EXAMPLES, ...options });
  const folder = new URL('../.out/', import.meta.url).pathname;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}fuzz-${name}.log`, output);
  await writeFile(`${folder}fuzz-${name}.server.log`, server.log);
  const { operations, test_cases: cases } = result;
  t.diagnostic(`${name}: ${operations.tested} operations, ${cases.generated} cases, ${cases.unique_failures} findings`);
  sums.push([operations.tested, cases.generated, cases.unique_failures]);
  assert.ok(ok, output);
  assert.equal(operations.tested, operations.selected);
}

// Two processes that wait for one another's turns: side by side they take little longer than one.
describe('the API does what its document says', { concurrency: true }, () => {
  test('to nobody, on SQLite', async (t) => {
    const { server } = await registry({});
    // What the phase `coverage` finds it finds as a superuser, who gets past the 401; a long run leaves nothing out.
    await findings(t, 'anonymous', server, { args: LONG ? [] : ['--phases', 'examples,fuzzing,stateful'] });
  });

  test('to a superuser with a token, on PostgreSQL', async (t) => {
    const { server, token, own } = await registry({ SREGISTRY_DATABASE_URL: await postgres(atEnd) });
    await findings(t, 'superuser', server, { token, own });
    // The account that it worked with is still what it was, so none of it was a run of refusals.
    const session = await server.api('GET', '/session', { token });
    assert.equal(session.account.role, 'superuser');
  });
});
