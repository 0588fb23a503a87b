// Signing in on the page of a certified OpenID Connect provider, and the page with one's logins.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { people } from '../lib/given.mjs';
import { CLIENT, startProvider } from '../lib/oidc.mjs';
import { Server, freePort } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, zoe, stopProvider;

before(async () => {
  // The provider must know the registry's address and the registry the provider's.
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const issuer = await startProvider((stop) => {
    stopProvider = stop;
  }, `${url}/complete/oidc/`);
  atEnd(() => stopProvider?.());
  server = await Server.start(atEnd, {
    port,
    env: {
      SREGISTRY_ENABLE_OIDC_AUTH: 'true',
      SREGISTRY_SOCIAL_AUTH_OIDC_OIDC_ENDPOINT: issuer,
      SREGISTRY_SOCIAL_AUTH_OIDC_KEY: CLIENT.id,
      SREGISTRY_SOCIAL_AUTH_OIDC_SECRET: CLIENT.secret,
      SREGISTRY_SOCIAL_AUTH_OIDC_LABEL: 'the institute',
    },
  });
  browser = await Browser.launch(atEnd, server);
  [zoe] = await people(server, 'zoe');
});

/** What a person does on the provider's pages. */
async function approve(page, name) {
  await page.getByPlaceholder('Enter any login').fill(name);
  await page.getByPlaceholder('and password').fill('x');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

const menu = (page, name) => page.getByRole('banner').locator('summary', { hasText: name });

test('a person of the institute signs in, accepts the terms, and is known the next time', async () => {
  const page = await browser.visitor();
  await page.goto('/login?next=/about');
  await page.getByRole('link', { name: 'Sign in with the institute' }).click();
  await approve(page, 'amy');
  await page.waitForURL(/\/terms/);
  await page.getByRole('main').getByRole('button', { name: /accept/i }).click();
  await menu(page, 'amy').waitFor();
  const again = await browser.visitor();
  await again.goto('/login?next=/about');
  await again.getByRole('link', { name: 'Sign in with the institute' }).click();
  await approve(again, 'amy');
  await again.waitForURL(/\/about$/);
  await menu(again, 'amy').waitFor();
});

test('who gives up at the provider is told so', async () => {
  const page = await browser.visitor();
  await page.goto('/login');
  await page.getByRole('link', { name: 'Sign in with the institute' }).click();
  await page.getByRole('link', { name: /cancel/i }).click();
  await page.getByRole('alert').getByText(/refused or given up/).waitFor();
  assert.deepEqual(await violations(page), []);
});

test('a login is connected, opens the account, and is disconnected', async () => {
  const page = await browser.visitor({ as: zoe });
  await page.goto('/account/logins');
  await page.getByRole('button', { name: 'the institute' }).click();
  await approve(page, 'zoe.z');
  await page.waitForURL(/\/account\/logins$/);
  await page.getByRole('row', { name: /the institute.*zoe\.z/ }).waitFor();
  assert.deepEqual(await violations(page), []);

  const other = await browser.visitor();
  await other.goto('/login?next=/account/logins');
  await other.getByRole('link', { name: 'Sign in with the institute' }).click();
  await approve(other, 'zoe.z');
  await menu(other, 'zoe').waitFor();

  // Somebody else's login stays theirs.
  await page.getByRole('button', { name: /^Disconnect/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await page.locator('.toasts').getByText('Login disconnected').waitFor();
  await page.getByRole('row', { name: /zoe\.z/ }).waitFor({ state: 'detached' });
});

test('where the provider is down the page says so', async () => {
  const fresh = await Server.start(atEnd, {
    env: {
      SREGISTRY_ENABLE_OIDC_AUTH: 'true',
      SREGISTRY_SOCIAL_AUTH_OIDC_OIDC_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      SREGISTRY_SOCIAL_AUTH_OIDC_KEY: CLIENT.id,
      SREGISTRY_SOCIAL_AUTH_OIDC_LABEL: 'the institute',
    },
  });
  const page = await (await Browser.launch(atEnd, fresh)).visitor();
  await page.goto('/login');
  await page.getByRole('link', { name: 'Sign in with the institute' }).click();
  await page.getByRole('alert').getByText(/does not answer just now/).waitFor();
});
