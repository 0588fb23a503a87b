// The first hour with a new registry, as its administrator lives it: from the printed link to an image.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Client, sample, sha256 } from '../lib/apptainer.mjs';
import { Browser } from '../lib/browser.mjs';
import { PASSWORD } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, page, link, token;

/** The menu of the person who is signed in, which carries the user name. */
const menu = () => page.getByRole('banner').locator('summary', { hasText: 'ada' });

before(async () => {
  server = await Server.start(atEnd);
  const browser = await Browser.launch(atEnd, server);
  page = await browser.visitor();
  link = await server.setupLink();
});

test('the printed link makes the first administrator', async () => {
  await page.goto(link);
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the administrator' }).click();
  await menu().waitFor();
});

test('the terms of use come first, and then the welcome', async () => {
  await page.waitForURL(/\/terms$/);
  await page.getByRole('button', { name: 'I accept the terms' }).click();
  await page.waitForURL(/\/welcome$/);
  await page.getByRole('heading', { level: 1, name: /welcome/i }).waitFor();
});

test('the link works once', async () => {
  const code = new URL(link).searchParams.get('code');
  const status = await server.api('GET', `/setup/${encodeURIComponent(code)}`).catch((error) => ({ usable: false, error }));
  assert.equal(status.usable, false);
  const other = await page.context().newPage();
  await other.goto(link);
  await other.getByText(/this one-time link does not work/i).waitFor();
  await other.close();
  assert.ok(!(await server.command('user', 'list')).includes('mallory'));
});

test('the administrator makes a collection', async () => {
  await page.goto('/collections');
  await page.getByRole('link', { name: /new collection|make the first one/i }).first().click();
  await page.getByLabel(/name/i).first().fill('tools');
  await page.getByRole('button', { name: /create|make/i }).click();
  await page.getByRole('heading', { level: 1, name: 'tools' }).waitFor();
});

test('the administrator makes a token, which is shown once', async () => {
  await page.goto('/token');
  await page.getByLabel(/name/i).first().fill('laptop');
  await page.getByRole('button', { name: /create|make/i }).click();
  await page.locator('.toasts').getByText('laptop').waitFor();
  await page.getByRole('button', { name: 'Show the token' }).click();
  const shown = page.getByRole('main').getByText(/^[A-Za-z0-9_.-]{200,}$/).first();
  token = (await shown.innerText()).trim();
  assert.ok(token.length >= 200, `${token.length} characters`);
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  assert.ok(!(await page.locator('main').innerText()).includes(token));
});

test('the real client pushes with it, and the page shows the image at once', async (t) => {
  const client = await Client.at(t.after.bind(t), server.url, token);
  await client.push(sample('full'), 'library://ada/tools/greeter:1.0');
  await page.goto('/containers/tools/greeter:1.0');
  await page.getByTitle(`sha256:${await sha256(sample('full'))}`).first().waitFor();
  await page.getByText('Ada Lovelace').first().waitFor();
});

test('the copied command pulls the image', async (t) => {
  await page.getByRole('button', { name: 'Apptainer' }).click();
  await page.getByRole('button', { name: 'Copy the pull command' }).click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(command, /^apptainer pull library:\/\/\S*tools\/greeter:1\.0$/);
  const client = await Client.at(t.after.bind(t), server.url, token);
  const file = await client.pull(command.split(' ').at(-1));
  assert.equal(await sha256(file), await sha256(sample('full')));
});

test('signing out and in again leads back', async () => {
  await menu().click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('main').getByRole('button', { name: /sign in/i }).click();
  await menu().waitFor();
  await page.waitForURL(/containers/);
  assert.match(page.url(), /containers\/tools\/greeter/);
});
