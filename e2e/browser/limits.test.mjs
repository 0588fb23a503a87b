// Download limits: set in the settings of a collection and from the menu of a container, and in force at once.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy, page, token;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
  token = await content(server, 'amy');
  page = await browser.visitor({ as: amy });
});

const notice = (text) => page.locator('.toasts').getByText(text).first().waitFor();
const pull = async () => (await fetch(`${server.url}/download/climate/weather/latest.sif`)).status;

test('an owner stops the downloads of a container and lets them go on', async () => {
  await page.goto('/containers/climate/weather');
  await page.getByLabel('Actions for this container').click();
  await page.getByRole('button', { name: 'Limit downloads…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/downloads? this week, without a limit/).waitFor();
  await dialog.getByLabel('Downloads a week').selectOption('A number of its own');
  await dialog.getByRole('button', { name: 'Save the limit' }).click();
  await dialog.getByText(/say how many/i).waitFor();
  await dialog.getByLabel('How many').fill('0');
  assert.deepEqual(await violations(page), []);
  await dialog.getByRole('button', { name: 'Save the limit' }).click();
  await notice('Download limit saved.');
  assert.equal(await pull(), 429);
  await dialog.getByLabel('Downloads a week').selectOption('No limit');
  await dialog.getByRole('button', { name: 'Save the limit' }).click();
  await dialog.getByText(/without a limit/).waitFor();
  assert.equal(await pull(), 200);
});

test('a collection has a limit of its own', async () => {
  await page.goto('/collections/climate/settings?part=limits');
  await page.getByLabel('Downloads a week').selectOption('A number of its own');
  await page.getByLabel('How many').fill('1000');
  await page.getByRole('button', { name: 'Save the limit' }).click();
  await page.getByText(/of 1,?.?000 downloads this week/).waitFor();
  const limit = await server.api('GET', '/collections/climate/download_limit', { token });
  assert.deepEqual([limit.rule, limit.limit], ['own', 1000]);
  await browser.inspect('collection-limits', '/collections/climate/settings?part=limits', (look) => look.getByText(/downloads this week/).waitFor(), { as: amy });
});
