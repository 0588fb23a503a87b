// What superusers look after: jobs, the store, the settings.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy, boss;

before(async () => {
  server = await Server.start(atEnd, { env: { SREGISTRY_REGISTRY_NAME: 'Research Registry' } });
  browser = await Browser.launch(atEnd, server);
  [amy, boss] = await people(server, 'amy', 'boss');
  await content(server, 'amy');
  const token = await server.user('root');
  await server.api('PATCH', '/users/boss', { token, body: { role: 'superuser' } });
});

test('a job is run now, and says when it ran', async () => {
  const page = await browser.visitor({ as: boss });
  await page.goto('/admin/users');
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Jobs' }).click();
  const row = page.getByRole('row').filter({ hasText: 'sweep_sessions' });
  await row.getByText('60 min').waitFor();
  await page.getByRole('button', { name: 'Run now: sweep_sessions' }).click();
  await page.locator('.toasts').getByText('The job has been handed in.').waitFor();
  await page.waitForFunction(() => {
    document.querySelector('button.after').click();
    return /sweep_sessions[\s\S]*done/.test(document.querySelector('main').innerText);
  }, undefined, { polling: 200 });
  assert.deepEqual(page.problems, []);
});

test('the store says what it holds, and is cleaned up at once', async () => {
  const page = await browser.visitor({ as: boss });
  await page.goto('/admin/storage');
  await page.getByText('Kept in').waitFor();
  const facts = await page.locator('dl.facts').innerText();
  assert.match(facts, /folder/);
  assert.match(facts, /Blobs\s+3/, 'equal bytes are stored once');
  await page.getByRole('button', { name: 'Clean up now' }).click();
  await page.locator('.toasts').getByText('The clean-up has been handed in.').waitFor();
});

test('settings show what somebody set, and the defaults when asked', async () => {
  const page = await browser.visitor({ as: boss });
  await page.goto('/admin/settings');
  const row = (name) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  assert.match(await row('REGISTRY_NAME').innerText(), /Research Registry\s+environment SREGISTRY_REGISTRY_NAME/);
  assert.equal(await row('PRIVATE_ONLY').count(), 0);
  await page.getByLabel('Show defaults, too').check();
  await row('PRIVATE_ONLY').getByText('default').waitFor();
});

test('others are told that this is not for them', async () => {
  const page = await browser.visitor({ as: amy });
  for (const part of ['jobs', 'storage', 'settings']) {
    await page.goto(`/admin/${part}`);
    await page.getByRole('heading', { level: 1, name: /not for you|may not|allowed/i }).waitFor();
  }
  await page.goto('/admin/nothing');
  await page.getByRole('heading', { level: 1, name: /not found|no such|nothing here/i }).waitFor();
});

for (const [part, ready] of [['jobs', 'sweep_sessions'], ['storage', 'Kept in'], ['settings', 'REGISTRY_NAME'], ['users', 'amy']]) {
  test(`the page admin-${part} is sound in every look`, async () => {
    await browser.inspect(`admin-${part}`, `/admin/${part}`, (page) => page.getByText(ready).first().waitFor(), { as: boss });
  });
}
