// Signing in with a SAML identity provider on another site.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { people } from '../lib/given.mjs';
import { pair, startIdp } from '../lib/saml.mjs';
import { Server, freePort } from '../lib/server.mjs';
import { atEnd, until } from '../lib/temp.mjs';

let server, browser, zoe;

before(async () => {
  // Each must know the other's address.
  const port = await freePort();
  const metadata = await startIdp(atEnd, `http://127.0.0.1:${port}`);
  const { key, cert } = await pair(atEnd);
  server = await Server.start(atEnd, {
    port,
    env: {
      SREGISTRY_PLUGINS_ENABLED: 'saml_auth',
      SREGISTRY_SOCIAL_AUTH_SAML_ENABLED_IDPS: `institute=${metadata}`,
      SREGISTRY_AUTH_SAML_INSTITUTION: 'Example University',
      SREGISTRY_SOCIAL_AUTH_SAML_SP_PUBLIC_CERT: cert,
      SREGISTRY_SOCIAL_AUTH_SAML_SP_PRIVATE_KEY_FILE: key,
    },
  });
  browser = await Browser.launch(atEnd, server);
  [zoe] = await people(server, 'zoe');
});

/** What a person does on the identity provider's page. */
async function approve(page, name) {
  await page.locator('#userName').fill(`${name}@example.org`);
  await page.locator('#email').fill(`${name}@example.org`);
  await page.locator('#displayName').fill(`${name} of the institute`);
  await page.locator('#btn-sign-in').click();
}

const menu = (page, name) => page.getByRole('banner').locator('summary', { hasText: name });

test('a person of the institute signs in, accepts the terms, and is known the next time', async () => {
  const page = await browser.visitor();
  await page.goto('/login?next=/about');
  await page.getByRole('link', { name: 'Sign in with Example University' }).click();
  await approve(page, 'amy');
  await page.waitForURL(/\/terms/);
  await page.getByRole('main').getByRole('button', { name: /accept/i }).click();
  await menu(page, 'amy').waitFor();
  const again = await browser.visitor();
  await again.goto('/login?next=/about');
  await again.getByRole('link', { name: 'Sign in with Example University' }).click();
  await approve(again, 'amy');
  await again.waitForURL(/\/about$/);
  await menu(again, 'amy').waitFor();
});

test('a login is connected with the account at hand, and opens it', async () => {
  const page = await browser.visitor({ as: zoe });
  await page.goto('/account/logins');
  await page.getByRole('button', { name: 'Example University' }).click();
  await approve(page, 'zoe.z');
  await page.waitForURL(/\/account\/logins$/);
  await page.getByRole('row', { name: /Example University.*zoe\.z/ }).waitFor();
  const other = await browser.visitor();
  await other.goto('/login?next=/account/logins');
  await other.getByRole('link', { name: 'Sign in with Example University' }).click();
  await approve(other, 'zoe.z');
  await menu(other, 'zoe').waitFor();
});

test('an answer that this browser did not ask for signs nobody in', async () => {
  const mine = await browser.visitor();
  await mine.goto('/login');
  await mine.getByRole('link', { name: 'Sign in with Example University' }).click();
  // The answer is kept from its own browser, and another one is made to post it.
  let answer;
  await mine.route('**/complete/saml/', (route) => {
    answer = new URLSearchParams(route.request().postData());
    return route.abort();
  });
  await approve(mine, 'eve');
  await until('the answer is kept', async () => answer);
  assert.ok(answer.get('SAMLResponse'));
  const victim = await browser.visitor();
  await victim.setContent(
    `<form method="post" action="${server.url}/complete/saml/">` +
      [...answer].map(([name, value]) => `<input name="${name}" value="${value}">`).join('') +
      '<button>Win a prize</button></form>',
  );
  await victim.getByRole('button').click();
  await victim.getByRole('alert').getByText(/not begun in this browser/).waitFor();
  assert.equal(await menu(victim, 'eve').count(), 0);
});
