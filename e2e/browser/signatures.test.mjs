// Signatures on an image's page: whose they are, and whether they hold.
import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { Client, sample } from '../lib/apptainer.mjs';
import { Browser, violations } from '../lib/browser.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd, until } from '../lib/temp.mjs';

let server, browser, amy, fingerprint;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  amy = await Client.at(atEnd, server.url, await server.user('amy'));
  await amy.run('key', 'newpair', '--password', '', '--push=false', '--name', 'Amy Able', '--email', 'amy@lab.example', '--comment', '');
  fingerprint = (await amy.run('key', 'list')).match(/[0-9A-F]{40}/g).at(-1);
  const file = amy.path('signed.sif');
  await copyFile(sample('full'), file);
  await amy.run('sign', file);
  await amy.push(file, 'library://amy/lab/tool:1');
});

const state = async () => (await server.api('GET', '/collections/lab/containers/tool/images/1')).signatures[0]?.state;

test('a signature by an unknown key says so, and by a known one whose it is', async () => {
  await until('it is looked at', async () => (await state()) === 'unknown_key');
  const page = await browser.visitor();
  await page.goto('/containers/lab/tool:1?tab=signatures');
  await page.getByText('signed, key unknown').waitFor();
  await page.getByText('The registry has no such key').waitFor();
  assert.deepEqual(await violations(page), []);

  await amy.run('key', 'push', fingerprint);
  await until('it is valid', async () => (await state()) === 'valid');
  await page.reload();
  await page.getByText('signed, valid').waitFor();
  await page.getByText(/Amy Able/).waitFor();
  await page.getByText('key brought by amy').waitFor();
  await page.getByRole('button', { name: 'Copy the fingerprint' }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), fingerprint);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(page.problems, []);
});

test('the row of a collection says the same of its newest image', async () => {
  const page = await browser.visitor();
  await page.goto('/collections/lab');
  await page.getByRole('row').filter({ hasText: 'tool' }).getByText('signed, valid').waitFor();
  await browser.inspect('collection-signed', '/collections/lab', (look) => look.getByText('signed, valid').waitFor());
});

test('the signatures are sound in every look', async () => {
  await browser.inspect('signatures', '/containers/lab/tool:1?tab=signatures', (page) => page.getByText('signed, valid').waitFor());
});
