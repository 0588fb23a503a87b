// The page to read and try the API: it works under its own content security policy, and a call can be made from it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
});

test('the page shows every operation and calls one', async () => {
  const page = await browser.visitor();
  await page.goto('/api/');
  await page.getByText('List collections').waitFor();
  const document = await (await fetch(`${server.url}/api/openapi.json`)).json();
  const count = Object.values(document.paths).flatMap(Object.keys).length;
  assert.equal(await page.locator('.opblock').count(), count);

  await page.getByText('Show what the registry holds').click();
  await page.getByRole('button', { name: 'Try it out' }).click();
  const answered = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/stats'));
  await page.getByRole('button', { name: 'Execute' }).click();
  assert.equal((await answered).status(), 200);
  assert.deepEqual(page.problems, []);
});
