// What those who run the registry look after: collections, limits, jobs, the store, the settings.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy, boss, carl;

before(async () => {
  server = await Server.start(atEnd, { env: {
    SREGISTRY_REGISTRY_NAME: 'Research Registry', SREGISTRY_COLLECTION_QUOTA: '1GiB', SREGISTRY_USER_QUOTA: '100MiB',
  } });
  browser = await Browser.launch(atEnd, server);
  [amy, boss, carl] = await people(server, 'amy', 'boss', 'carl');
  await content(server, 'amy');
  const token = await server.user('root');
  await server.api('PATCH', '/users/boss', { token, body: { role: 'superuser' } });
  await server.api('PATCH', '/users/carl', { token, body: { role: 'admin' } });
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

test('the address without a part leads to the collections', async () => {
  const page = await browser.visitor({ as: carl });
  await page.goto('/admin');
  await page.getByRole('heading', { level: 1, name: 'Collections' }).waitFor();
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Limits' }).click();
  await page.waitForURL('/admin/limits');
  await page.getByRole('heading', { level: 1, name: 'Limits' }).waitFor();
  assert.deepEqual(page.problems, []);
});

test('an administrator finds every collection, and the list stays in the address', async () => {
  const page = await browser.visitor({ as: carl });
  await page.goto('/');
  await page.getByRole('banner').locator('summary', { hasText: 'carl' }).click();
  await page.getByRole('link', { name: 'Administration' }).click();
  const row = (name) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  assert.match(await row('secret').innerText(), /private[\s\S]*amy[\s\S]*1\.00 GiB, by default/);
  await page.getByLabel('Order').selectOption('Name');
  await page.waitForURL(/\/admin\/collections\?sort=name$/);
  await page.getByLabel('Filter by words').fill('strangers');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.waitForURL(/sort=name&q=strangers$/);
  await row('climate').waitFor({ state: 'detached' });
  await page.reload();
  await row('secret').waitFor();
  assert.equal(await page.getByLabel('Order').inputValue(), 'name');
  await page.getByLabel('Filter by words').fill('nosuchthing');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByText('No collection fits').waitFor();
  assert.deepEqual(page.problems, []);
});

test('an administrator sets a quota, opens, hands over and deletes a collection from the list', async () => {
  const page = await browser.visitor({ as: carl });
  await page.goto('/admin/collections');
  const row = (name) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const dialog = page.getByRole('dialog');
  const act = async (name, entry) => {
    await page.getByLabel(`Actions for ${name}`).click();
    await page.getByRole('button', { name: entry }).click();
    await dialog.waitFor();
    assert.deepEqual(await violations(page), []);
  };
  await act('climate', 'Quota…');
  await dialog.getByLabel('It may hold').selectOption('A size of its own');
  await dialog.getByLabel('How much').fill('20 MiB');
  await dialog.getByRole('button', { name: 'Save the quota' }).click();
  await row('climate').getByText('20.0 MiB, its own').waitFor();

  const seen = async () => (await fetch(`${server.url}/api/v1/collections/secret`)).status;
  for (const [entry, label, status] of [['Make it public…', 'Make it public', 200], ['Make it private…', 'Make it private', 404]]) {
    await act('secret', entry);
    await dialog.getByRole('button', { name: label, exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    await row('secret').locator('.badge.private').waitFor({ state: status === 404 ? 'visible' : 'detached' });
    assert.equal(await seen(), status);
  }

  await act('empty', 'Hand it over…');
  await dialog.getByText('Anybody with an account.').waitFor();
  await dialog.getByLabel('User name of the new owner').fill('nobody');
  await dialog.getByLabel(/to hand it over/).fill('empty');
  await dialog.getByRole('button', { name: 'Hand the collection over' }).click();
  await dialog.getByText(/not found|no user/i).first().waitFor();
  await dialog.getByLabel('User name of the new owner').fill('boss');
  await dialog.getByRole('button', { name: 'Hand the collection over' }).click();
  await row('empty').getByRole('link', { name: 'boss' }).waitFor();

  await act('empty', 'Delete it…');
  const sure = dialog.getByRole('button', { name: 'Delete the collection' });
  assert.ok(await sure.isDisabled());
  await dialog.getByLabel(/to confirm/).fill('empty');
  await sure.click();
  await row('empty').waitFor({ state: 'detached' });
  assert.deepEqual(page.problems.filter((text) => !text.includes('status of 404')), []);
});

test('limits tell where they come from and whose quotas are fullest', async () => {
  const page = await browser.visitor({ as: carl });
  await page.goto('/admin/limits');
  const limit = page.getByRole('row').filter({ hasText: 'COLLECTION_QUOTA' });
  assert.match(await limit.innerText(), /1GiB[\s\S]*environment SREGISTRY_COLLECTION_QUOTA/);
  const fullest = page.getByRole('region', { name: 'Fullest collections' });
  assert.match(await fullest.getByRole('row').nth(1).innerText(), /climate[\s\S]*%: .* of 20\.0 MiB, its own/);
  assert.ok(await fullest.getByRole('progressbar', { name: 'climate' }).evaluate((bar) => bar.position > 0));
  assert.equal(await page.getByRole('region', { name: 'Fullest users' }).count(), 0);
  await fullest.getByRole('link', { name: 'climate' }).click();
  await page.waitForURL(/\/collections\/climate\/settings\?part=limits$/);
  await page.goto('/admin/users');
  await page.getByRole('heading', { level: 1, name: /not allowed/i }).waitFor();

  const root = await browser.visitor({ as: boss });
  await root.goto('/admin/limits');
  await root.getByRole('region', { name: 'Fullest users' }).getByRole('link', { name: 'amy' }).click();
  await root.waitForURL(/\/admin\/users\?q=amy$/);
  await root.getByRole('row').filter({ hasText: 'amy' }).getByText(/of 100 MiB/).waitFor();
});

test('others are told that this is not for them', async () => {
  const page = await browser.visitor({ as: amy });
  for (const part of ['jobs', 'storage', 'settings', 'collections', 'robots', 'limits']) {
    await page.goto(`/admin/${part}`);
    await page.getByRole('heading', { level: 1, name: /not for you|may not|allowed/i }).waitFor();
  }
  await page.goto('/admin/nothing');
  await page.getByRole('heading', { level: 1, name: /not found|no such|nothing here/i }).waitFor();
});

for (const [part, ready] of [['collections', 'climate'], ['limits', 'Fullest users'], ['jobs', 'sweep_sessions'], ['storage', 'Kept in'], ['settings', 'REGISTRY_NAME'], ['users', 'amy']]) {
  test(`the page admin-${part} is sound in every look`, async () => {
    await browser.inspect(`admin-${part}`, `/admin/${part}`, (page) => page.getByText(ready).first().waitFor(), { as: boss });
  });
}
