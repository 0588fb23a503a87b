// Public keys: added, found, looked at and removed in the browser.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { people } from '../lib/given.mjs';
import { Gpg } from '../lib/gpg.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy, ben, page, armored, fingerprint;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy, ben] = await people(server, 'amy', 'ben');
  const gpg = await Gpg.at(atEnd, server.url);
  fingerprint = await gpg.makeKey('Ada Lovelace <ada@example.org>');
  armored = await gpg.run('--armor', '--export', fingerprint);
  page = await browser.visitor({ as: amy });
});

const notice = (text) => page.locator('.toasts').getByText(text).waitFor();

test('a visitor is invited, and may not add a key', async () => {
  const visitor = await browser.visitor();
  await visitor.goto('/keys');
  await visitor.getByText('No keys yet').waitFor();
  assert.equal(await visitor.getByRole('button', { name: 'Add a key' }).count(), 0);
  assert.deepEqual(await violations(visitor), []);
});

test('a key is added; what is none is told', async () => {
  await page.goto('/keys');
  await page.getByRole('button', { name: 'Add a key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Keys').fill('this is no key');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await dialog.getByRole('alert').getByText(/key/i).waitFor();
  await dialog.getByLabel('Keys').fill(armored);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await notice('Key added.');
  await page.getByRole('link', { name: 'Ada Lovelace <ada@example.org>' }).waitFor();
  assert.deepEqual(await violations(page), []);
});

test('a key is found by name, address and fingerprint, and the search is in the address', async () => {
  for (const words of ['lovelace', 'ada@example.org', fingerprint]) {
    await page.goto('/keys');
    await page.getByLabel('Name, address, fingerprint or key id').fill(words);
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.waitForURL(/[?]q=/);
    await page.getByRole('link', { name: /Ada Lovelace/ }).waitFor();
  }
  await page.goto('/keys?q=nobody');
  await page.getByText('No key fits').waitFor();
});

test('own keys are those that one brought', async () => {
  await page.goto('/keys');
  await page.getByRole('link', { name: 'My keys' }).click();
  await page.waitForURL(/mine=true/);
  await page.getByRole('link', { name: /Ada Lovelace/ }).waitFor();
  const other = await browser.visitor({ as: ben });
  await other.goto('/keys?mine=true');
  await other.getByText('No keys yet').waitFor();
});

test('a key shows its names and its text, and its owner removes it', async () => {
  await browser.inspect('key', `/keys/${fingerprint}`, (look) => look.getByText('Names in this key').waitFor(), { as: amy });
  await browser.inspect('keys', '/keys', (look) => look.getByText('Ada Lovelace').waitFor(), { as: amy });
  const other = await browser.visitor({ as: ben });
  await other.goto(`/keys/${fingerprint}`);
  await other.getByRole('heading', { level: 1, name: /Ada Lovelace/ }).waitFor();
  assert.equal(await other.getByRole('button', { name: 'Remove…' }).count(), 0);

  await page.goto(`/keys/${fingerprint}`);
  await page.getByRole('button', { name: 'Copy the key' }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /BEGIN PGP PUBLIC KEY BLOCK/);
  await page.getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove the key' }).click();
  await notice('Key removed.');
  await page.waitForURL(/\/keys$/);
  await page.getByText('No keys yet').waitFor();
  assert.deepEqual(page.problems.filter((text) => !text.includes('status of 400')), []);
});
