// Tokens as a person handles them: shown once, rotated, revoked; and the lines for clients are lines that work.
import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Client, sample } from '../lib/apptainer.mjs';
import { Browser, violations } from '../lib/browser.mjs';
import { people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, page, secret;

/** What the API says to a token. */
const statusOf = async (token) =>
  (await fetch(`${server.url}/api/v1/collections`, { headers: { authorization: `Bearer ${token}` } })).status;

const row = (name) => page.getByRole('row').filter({ hasText: name });
const notice = (text) => page.locator('.toasts').getByText(text).waitFor();

/** The secret that the copy button puts into the clipboard. */
async function copied() {
  await page.getByRole('button', { name: 'Copy the token' }).click();
  await page.getByText('Copied').first().waitFor({ state: 'attached' });
  return page.evaluate(() => navigator.clipboard.readText());
}

before(async () => {
  server = await Server.start(atEnd);
  const browser = await Browser.launch(atEnd, server);
  const [amy] = await people(server, 'amy');
  page = await browser.visitor({ as: amy });
  await page.goto('/token');
});

test('a new token is hidden until it is asked for, and copied as it is', async () => {
  await page.getByLabel('Name').fill('cluster');
  await page.getByLabel('What it may do').selectOption('push');
  await page.getByLabel('Works for').selectOption('30');
  await page.getByRole('button', { name: 'Create the token' }).click();
  await notice('Token “cluster” made.');
  secret = await copied();
  assert.ok(secret.length >= 200, secret);
  assert.ok(!(await page.locator('main').innerText()).includes(secret));
  await page.getByRole('button', { name: 'Show the token' }).click();
  await page.getByText(secret, { exact: true }).waitFor();
  assert.equal(await statusOf(secret), 200);
  assert.deepEqual(await violations(page), []);
});

test('the list says what it may and when it ends', async () => {
  await row('cluster').getByText('push').waitFor();
  await row('cluster').getByText(/in (29|30) days/).waitFor();
});

test('the file that the page shows signs a real client in', async (t) => {
  await page.getByLabel('Client', { exact: true }).selectOption('apptainer');
  await page.getByRole('button', { name: /^Copy: Write .*remote\.yaml/ }).click();
  await page.getByText('Copied').first().waitFor({ state: 'attached' });
  const file = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(file.includes(secret), file);
  const client = await Client.at(t.after.bind(t), server.url);
  await mkdir(join(client.home, 'config'), { recursive: true });
  const path = join(client.home, 'config/remote.yaml');
  await writeFile(path, file);
  await chmod(path, 0o600);
  await client.push(sample('tiny'), 'library://amy/tools/tiny:1');
});

test('rotating gives a new secret, and the old one is dead at once', async () => {
  const old = secret;
  await page.getByRole('button', { name: 'Rotate cluster' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
  await notice('Token “cluster” has a new secret.');
  secret = await copied();
  assert.notEqual(secret, old);
  assert.equal(await statusOf(old), 401);
  assert.equal(await statusOf(secret), 200);
});

test('revoking asks first, and Escape changes nothing', async () => {
  await page.getByRole('button', { name: 'Revoke cluster' }).click();
  await page.getByRole('dialog').getByText('cannot be undone').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await statusOf(secret), 200);
  await page.getByRole('button', { name: 'Revoke cluster' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await notice('Token “cluster” revoked.');
  await row('cluster').waitFor({ state: 'detached' });
  assert.equal(await statusOf(secret), 401);
});

test('a secret is gone when the page is opened again', async () => {
  await page.reload();
  await page.getByRole('heading', { name: 'Your tokens' }).waitFor();
  assert.ok(!(await page.locator('main').innerText()).includes(secret));
  await page.getByText('YOUR-TOKEN').first().waitFor();
});

test('a collection that is not there is told beside the field, and nothing is made', async () => {
  await page.getByLabel('Name').fill('narrow');
  await page.getByLabel(/Only for these collections/).fill('nosuchthing');
  await page.getByRole('button', { name: 'Create the token' }).click();
  await page.locator('#collections-note').getByText(/not found/).waitFor();
  assert.equal(await page.getByLabel(/Only for these collections/).getAttribute('aria-invalid'), 'true');
  assert.equal(await row('narrow').count(), 0);
  await page.getByLabel(/Only for these collections/).fill('tools');
  await page.getByRole('button', { name: 'Create the token' }).click();
  await row('narrow').getByText('only tools').waitFor();
});
