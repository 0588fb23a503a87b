// Users as a superuser manages them: make, find, give a role, disable, set a password and a limit.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { PASSWORD, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, page, amy, token;

const row = (name) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
const notice = (text) => page.locator('.toasts').getByText(text).waitFor();
const user = async (name) => (await server.api('GET', `/users?q=${name}`, { token })).items.find(({ username }) => username === name);

/** Opens the menu of a user and presses an entry. */
async function act(name, entry) {
  await page.getByLabel(`Actions for ${name}`).click();
  await row(name).getByRole('button', { name: entry }).click();
}

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  let boss;
  [amy, boss] = await people(server, 'amy', 'boss');
  token = await server.user('root');
  await server.api('PATCH', '/users/boss', { token, body: { role: 'superuser' } });
  page = await browser.visitor({ as: boss });
  await page.goto('/admin/users');
  await row('amy').waitFor();
});

test('the list is sound for everybody who works with it', async () => {
  assert.deepEqual(await violations(page), []);
});

test('a new user is made; what is wrong is told beside its field', async () => {
  await page.getByRole('button', { name: 'New user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('User name').fill('Ben Two');
  await dialog.locator('#username-note').getByText(/lower case/i).waitFor();
  await dialog.getByLabel('User name').fill('amy');
  await dialog.getByLabel('Password').fill(PASSWORD);
  await dialog.getByRole('button', { name: 'Create the user' }).click();
  await dialog.getByText(/taken|exists|in use|already/i).first().waitFor();
  await dialog.getByLabel('User name').fill('ben');
  assert.deepEqual(await violations(page), []);
  await dialog.getByRole('button', { name: 'Create the user' }).click();
  await notice('User ben is there.');
  await row('ben').waitFor();
  assert.equal((await user('ben')).role, 'user');
});

test('a role is given and shown', async () => {
  await act('ben', 'Make admin');
  await notice('ben is admin now.');
  await row('ben').getByText('admin', { exact: true }).waitFor();
  assert.equal((await user('ben')).role, 'admin');
});

test('a disabled user cannot sign in, and an enabled one can', async () => {
  await act('ben', 'Disable');
  await row('ben').getByText('disabled').waitFor();
  assert.equal((await user('ben')).disabled, true);
  assert.deepEqual(await violations(page), []);
  await act('ben', 'Enable');
  await notice('ben can sign in again.');
  assert.equal((await user('ben')).disabled, false);
});

test('a new password replaces the old one', async () => {
  await act('ben', 'New password…');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New password').fill('short');
  await dialog.getByText(/10 characters/).first().waitFor();
  await dialog.getByLabel('New password').fill('another good password');
  await dialog.getByRole('button', { name: 'Set the password' }).click();
  await notice(/ben has a new password/);
  const visitor = await browser.visitor({ as: { username: 'ben', password: 'another good password' } });
  const refused = await visitor.context().request.post('/api/v1/login/local', { data: { username: 'ben', password: PASSWORD } });
  assert.equal(refused.status(), 401);
});

test('a limit of storage is read as people write it', async () => {
  await act('ben', 'Limit of storage…');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Limit').fill('a lot');
  await dialog.getByText(/Write a size/).waitFor();
  await dialog.getByLabel('Limit').fill('2 GiB');
  await dialog.getByRole('button', { name: 'Set the limit' }).click();
  await notice('ben may store 2.00 GiB.');
  assert.equal((await user('ben')).quota_bytes, 2 * 1024 ** 3);
});

test('nobody can take the own role away by a slip', async () => {
  await page.getByLabel('Actions for boss').click();
  assert.equal(await row('boss').getByRole('button', { name: /Make|Disable/ }).count(), 0);
  await page.keyboard.press('Escape');
  await row('boss').getByRole('button', { name: 'Limit of storage…' }).waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Actions for boss');
});

test('searching narrows the list, and lives in the address', async () => {
  await page.getByLabel('Find users').fill('ben');
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  await page.waitForURL(/q=ben/);
  await row('amy').waitFor({ state: 'detached' });
  await row('ben').waitFor();
});

test('others are told that the page is not for them', async () => {
  const visitor = await browser.visitor({ as: amy });
  await visitor.goto('/admin/users');
  await visitor.getByRole('heading', { level: 1, name: 'Not allowed' }).waitFor();
  assert.deepEqual(visitor.problems, []);
});
