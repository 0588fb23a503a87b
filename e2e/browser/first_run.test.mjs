// The first hour with a new registry, as its administrator lives it: from the printed link to an image.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Client, sample, sha256 } from '../lib/apptainer.mjs';
import { Browser } from '../lib/browser.mjs';
import { PASSWORD } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, page, link, token;

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
  await page.getByRole('button', { name: /create|make/i }).click();
  await page.getByRole('banner').getByText('ada').waitFor();
});

test('the link works once', async () => {
  const code = new URL(link).searchParams.get('code');
  const status = await server.api('GET', `/setup/${encodeURIComponent(code)}`).catch((error) => ({ usable: false, error }));
  assert.equal(status.usable, false);
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
  const shown = page.getByText(/^sregistry_\S+|^sreg_\S+|^[A-Za-z0-9_.-]{200,}$/).first();
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
  await page.getByText(await sha256(sample('full'))).first().waitFor();
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
  await page.getByRole('banner').getByText('ada').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('main').getByRole('button', { name: /sign in/i }).click();
  await page.getByRole('banner').getByText('ada').waitFor();
  assert.match(page.url(), /containers\/tools\/greeter/);
});
