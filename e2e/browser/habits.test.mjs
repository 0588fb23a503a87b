// What people expect of every page: keyboard, theme, links that keep their state, errors that say what to do.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { PASSWORD, content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
  await content(server, 'amy');
});

test('a slash leads into the search, and Enter searches', async () => {
  const page = await browser.visitor();
  await page.goto('/about');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('ocean');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/search\?q=ocean/);
  await page.getByRole('main').getByRole('link', { name: /ocean/ }).first().waitFor();
});

test('the first Tab offers to skip to the content', async () => {
  const page = await browser.visitor();
  await page.goto('/collections');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
});

test('the theme switch wins over the system and is remembered', async () => {
  const page = await browser.visitor({ theme: 'light' });
  await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  const button = page.getByRole('banner').getByRole('button', { name: /theme|light|dark|colour/i });
  for (let presses = 0; presses < 3 && (await background()) === light; presses += 1) await button.click();
  const dark = await background();
  assert.notEqual(dark, light);
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  assert.equal(await background(), dark);
});

test('a wrong password is told in words, and nobody is signed in', async () => {
  const page = await browser.visitor();
  await page.goto('/login');
  await page.getByLabel('User name').fill('amy');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('main').getByRole('button', { name: /sign in/i }).click();
  await page.getByText(/wrong|not right|does not match|incorrect/i).first().waitFor();
  await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).waitFor();
});

test('a page for people who are signed in leads there after signing in', async () => {
  const page = await browser.visitor();
  await page.goto('/token');
  await page.getByRole('link', { name: /sign in/i }).last().click();
  await page.getByLabel('User name').fill('amy');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('main').getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL(/\/token$/);
  await page.getByRole('heading', { level: 1, name: /token/i }).waitFor();
});

test('filter and order live in the address, and back goes back', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/collections');
  await page.getByLabel('Show').selectOption('private');
  await page.waitForURL(/filter=private/);
  await page.getByRole('link', { name: 'secret' }).waitFor();
  await page.getByRole('link', { name: 'climate' }).waitFor({ state: 'detached' });
  await page.goBack();
  await page.getByRole('link', { name: 'climate' }).waitFor();
});

test('a name that cannot be is told while it is typed', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/collections/new');
  const name = page.getByLabel(/name/i).first();
  await name.fill('No Spaces');
  await page.getByText(/lower case letters/i).first().waitFor();
  await name.fill('climate');
  await page.getByText(/taken|exists|in use/i).first().waitFor();
});
