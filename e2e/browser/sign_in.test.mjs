// Signing in: where it leads, and where it never leads.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { PASSWORD, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
});

async function signIn(page, password) {
  await page.getByLabel('User name').fill('amy');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
}

const signedIn = (page) => page.getByRole('banner').locator('summary', { hasText: 'amy' });

test('it never leads to another site', async () => {
  for (const next of ['//evil.example/', 'https://evil.example/', '/\\evil.example/']) {
    const page = await browser.visitor();
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await signIn(page, PASSWORD);
    await signedIn(page).waitFor();
    await page.waitForURL(`${server.url}/`);
    await page.context().close();
  }
});

test('after a wrong password the user name need not be typed again', async () => {
  const page = await browser.visitor();
  await page.goto('/login');
  await signIn(page, 'not the password');
  await page.getByRole('alert').getByText(/wrong/i).waitFor();
  assert.equal(await page.getByLabel('User name').inputValue(), 'amy');
  await signIn(page, PASSWORD);
  await signedIn(page).waitFor();
});

test('who is signed in already goes on at once', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/login?next=/about');
  await page.waitForURL(/\/about$/);
});

test('a new password works, and the old one does not', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/account/password');
  const change = async (current, next) => {
    await page.getByLabel('Password in use now').fill(current);
    await page.getByLabel('New password').fill(next);
    await page.getByRole('button', { name: 'Change the password' }).click();
  };
  await change('not the password', 'staple correct horse');
  await page.getByText(/this is not your password/i).waitFor();
  await change(PASSWORD, 'short');
  await page.getByRole('main').getByText(/10 characters/i).first().waitFor();
  await change(PASSWORD, 'staple correct horse');
  await page.locator('.toasts').getByText(/password changed/i).waitFor();

  const other = await browser.visitor();
  await other.goto('/login');
  await signIn(other, PASSWORD);
  await other.getByRole('alert').getByText(/wrong/i).waitFor();
  await signIn(other, 'staple correct horse');
  await signedIn(other).waitFor();
});
