// One's own data: taken along as a file, and deleted with the account.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy, ben;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy, ben] = await people(server, 'amy', 'ben');
  await content(server, 'amy');
});

test('all that is kept about somebody comes as one file, without secrets', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/profile');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download my data' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'account.json');
  const text = await readFile(await download.path(), 'utf8');
  const data = JSON.parse(text);
  assert.equal(data.profile.username, 'amy');
  assert.ok(data.collections.some(({ name, role }) => name === 'secret' && role === 'owner'));
  assert.ok(!/password_hash|argon2/i.test(text));
});

test('whoever alone owns collections is told what to settle first', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Delete my account' }).click();
  await page.getByText('The collection climate has no other owner: hand it over, or delete it.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Delete my account for good' }).count(), 0);
});

test('an account is deleted after its name and password were typed, and nobody signs in with it again', async () => {
  const page = await browser.visitor({ as: ben });
  await page.goto('/profile');
  await page.getByRole('button', { name: 'Delete my account' }).click();
  const really = page.getByRole('button', { name: 'Delete my account for good' });
  await really.waitFor();
  assert.ok(await really.isDisabled());
  await page.getByLabel('Type “ben” to confirm').fill('ben');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  assert.deepEqual(await violations(page), []);
  await really.click();
  await page.getByText('This is not your password.').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(ben.password);
  await really.click();
  await page.locator('.toasts').getByText('Your account is deleted.').waitFor();
  await page.waitForURL((url) => url.pathname === '/');
  await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
  const again = await page.request.post('/api/v1/login/local', { data: ben });
  assert.equal(again.status(), 401);
});

test('the page profile is sound in every look', async () => {
  await browser.inspect('profile-data', '/profile', (page) => page.getByRole('heading', { name: 'My data' }).waitFor(), { as: amy });
});
