// The terms of use: asked once, before anything else.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { PASSWORD } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, page;
const NEW = { username: 'newcomer', password: PASSWORD };

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  await server.api('POST', '/users', { token: await server.user('root', '--superuser'), body: NEW });
  page = await browser.visitor({ as: NEW });
});

test('a newcomer is led to the terms from every page', async () => {
  for (const path of ['/', '/collections', '/token', '/welcome']) {
    await page.goto(path);
    await page.waitForURL(/\/terms$/);
  }
  await page.getByRole('button', { name: 'I accept the terms' }).waitFor();
  assert.deepEqual(await violations(page), []);
});

test('accepting leads to the welcome', async () => {
  await page.getByRole('button', { name: 'I accept the terms' }).click();
  await page.waitForURL(/\/welcome$/);
  await page.getByRole('heading', { level: 1, name: /welcome/i }).waitFor();
  assert.deepEqual(await violations(page), []);
});

test('nobody is asked twice', async () => {
  const again = await browser.visitor({ as: NEW });
  await again.goto('/collections');
  await again.getByRole('heading', { level: 1, name: 'Collections' }).waitFor();
  assert.match(again.url(), /\/collections$/);
  await again.goto('/terms');
  await again.getByRole('heading', { level: 1, name: 'Terms of use' }).waitFor();
  assert.equal(await again.getByRole('button', { name: 'I accept the terms' }).count(), 0);
});
