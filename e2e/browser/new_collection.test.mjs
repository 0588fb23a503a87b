// A new collection: the name is judged while it is typed, and the registry's rule about privacy is kept.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy, token;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
  token = await server.user('amy');
  await server.api('POST', '/collections', { token, body: { name: 'taken' } });
});

test('a free name is told to be free, a taken one is not', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/collections/new');
  const name = page.getByLabel('Name');
  const button = page.getByRole('button', { name: 'Create the collection' });
  await name.fill('ocean');
  await page.getByText('“ocean” is free.').waitFor();
  await name.fill('taken');
  await page.locator('#name-note').getByText(/taken|in use|exists/i).waitFor();
  assert.ok(await button.isDisabled());
  await name.fill('Two Words');
  await page.locator('#name-note').getByText(/lower case letters/i).waitFor();
  assert.equal(await name.getAttribute('aria-invalid'), 'true');
  assert.ok(await button.isDisabled());
  assert.deepEqual(await violations(page), []);
});

test('it is made with what the form says', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/collections/new');
  await page.getByLabel('Name').fill('ocean');
  await page.getByLabel('Description').fill('Currents and tides');
  await page.getByLabel('Private').check();
  await page.getByRole('button', { name: 'Create the collection' }).click();
  await page.getByRole('heading', { level: 1, name: 'ocean' }).waitFor();
  await page.getByText('Currents and tides').waitFor();
  const { collection } = await server.api('GET', '/collections/ocean', { token });
  assert.equal(collection.private, true);
  assert.deepEqual(collection.owners, ['amy']);
  assert.deepEqual(page.problems, []);
});

test('a name that was taken meanwhile is told beside its field', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/collections/new');
  await page.getByLabel('Name').fill('quick');
  await page.getByText('“quick” is free.').waitFor();
  await server.api('POST', '/collections', { token, body: { name: 'quick' } });
  await page.getByRole('button', { name: 'Create the collection' }).click();
  await page.getByRole('main').getByText(/taken|in use|exists/i).first().waitFor();
  assert.match(page.url(), /\/collections\/new$/);
});

test('a visitor is asked to sign in, and comes back', async () => {
  const page = await browser.visitor();
  await page.goto('/collections/new');
  const link = page.getByRole('main').getByRole('link', { name: 'Sign in' });
  assert.equal(await link.getAttribute('href'), '/login?next=%2Fcollections%2Fnew');
});

test('where everything is private, the choice is locked', async (t) => {
  const strict = await Server.start(t.after.bind(t), { env: { SREGISTRY_PRIVATE_ONLY: 'true' } });
  const strictBrowser = await Browser.launch(t.after.bind(t), strict);
  const [ben] = await people(strict, 'ben');
  const page = await strictBrowser.visitor({ as: ben });
  await page.goto('/collections/new');
  const choice = page.getByLabel('Private');
  await choice.waitFor();
  assert.ok(await choice.isDisabled());
  assert.ok(await choice.isChecked());
});
