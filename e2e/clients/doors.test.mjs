// One store, five doors in, five out: what came by one goes out by every other, byte for byte; private and frozen hold at all.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Server } from '../lib/server.mjs';
import { sample } from '../lib/apptainer.mjs';
import { Caller, into, outOf } from '../lib/doors.mjs';
import { atEnd } from '../lib/temp.mjs';

const sum = (bytes) => createHash('sha256').update(bytes).digest('hex');
const slug = (door) => door.toLowerCase().replaceAll(/[^a-z]+/g, '-');
const cells = new Map();
let server, amy, eve, visitor, tiny;

before(async () => {
  server = await Server.start(atEnd);
  const caller = async (name) => new Caller(server.url, name, await server.user(name));
  [amy, eve, visitor] = [await caller('amy'), await caller('eve'), new Caller(server.url)];
  for (const name of ['open', 'closed']) {
    await server.api('POST', '/collections', { token: amy.token, body: { name, private: name === 'closed' } });
  }
  tiny = await readFile(sample('tiny'));
});

/** An image that nobody has pushed before: bytes behind the end of a SIF belong to no part of it. */
const image = () => Buffer.concat([tiny, randomBytes(5000)]);
const ref = (collection, door, tag = '1') => ({ owner: 'amy', collection, container: slug(door), tag });

async function refused(promise, what) {
  const error = await promise.then(() => assert.fail(`${what} was let through`), (error) => error);
  assert.ok([401, 403, 404, 409].includes(error.status ?? Number(error.message.match(/: (\d{3}) /)?.[1])), `${what}: ${error.message}`);
}

for (const [door, push] of Object.entries(into)) {
  const row = {};
  cells.set(door, row);
  test(`what comes in by ${door}`, async (t) => {
    const bytes = { open: image(), closed: image() };
    for (const collection of ['open', 'closed']) await push(amy, ref(collection, door), bytes[collection]);
    for (const [exit, pull] of Object.entries(outOf)) {
      await t.test(`goes out by ${exit}, to its people only where it is private`, async () => {
        row[exit] = 'FAILED';
        assert.equal(sum(await pull(amy, ref('open', door))), sum(bytes.open));
        assert.equal(sum(await pull(amy, ref('closed', door))), sum(bytes.closed));
        if (exit !== 'share link') assert.equal(sum(await pull(visitor, ref('open', door))), sum(bytes.open));
        for (const other of [eve, visitor]) await refused(pull(other, ref('closed', door)), `${exit} to a stranger`);
        row[exit] = 'same';
      });
    }
    await t.test('is not moved once it is frozen', async () => {
      const path = `/collections/open/containers/${slug(door)}/tags/1?arch=amd64`;
      await server.api('PUT', path, { token: amy.token, body: { frozen: true } });
      for (const [other, pushOver] of Object.entries(into)) {
        await refused(pushOver(amy, ref('open', door), image()), `${other} over a frozen tag`);
      }
      assert.equal(sum(await outOf.library(amy, ref('open', door))), sum(bytes.open));
    });
    await t.test('comes from its owners only', async () => {
      await refused(push(eve, ref('open', door, 'theirs'), image()), 'a push of a stranger');
      await refused(push(eve, ref('closed', door, 'theirs'), image()), 'a push of a stranger into what is hidden');
    });
  });
}

after(() => {
  const exits = Object.keys(outOf);
  const line = (cells) => cells.map((cell) => cell.padEnd(16)).join('');
  console.log(`\n${line(['in \\ out', ...exits])}`);
  for (const [door, row] of cells) console.log(line([door, ...exits.map((exit) => row[exit] ?? '-')]));
});
