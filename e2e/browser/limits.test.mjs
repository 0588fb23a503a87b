// Download limits and quotas: set in the settings of a collection and from the menu of a container, and in force at once.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { sample } from '../lib/apptainer.mjs';
import { Browser, violations } from '../lib/browser.mjs';
import { PASSWORD, content, people } from '../lib/given.mjs';
import { Library } from '../lib/library.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy, page, token;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
  token = await content(server, 'amy');
  page = await browser.visitor({ as: amy });
});

const notice = (text) => page.locator('.toasts').getByText(text).first().waitFor();
const pull = async () => (await fetch(`${server.url}/download/climate/weather/latest.sif`)).status;

test('an owner stops the downloads of a container and lets them go on', async () => {
  await page.goto('/containers/climate/weather');
  await page.getByLabel('Actions for this container').click();
  await page.getByRole('button', { name: 'Limit downloads…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/downloads? this week, without a limit/).waitFor();
  await dialog.getByLabel('Downloads a week').selectOption('A number of its own');
  await dialog.getByRole('button', { name: 'Save the limit' }).click();
  await dialog.getByText(/say how many/i).waitFor();
  await dialog.getByLabel('How many').fill('0');
  assert.deepEqual(await violations(page), []);
  await dialog.getByRole('button', { name: 'Save the limit' }).click();
  await notice('Download limit saved.');
  assert.equal(await pull(), 429);
  await dialog.getByLabel('Downloads a week').selectOption('No limit');
  await dialog.getByRole('button', { name: 'Save the limit' }).click();
  await dialog.getByText(/without a limit/).waitFor();
  assert.equal(await pull(), 200);
});

test('a collection has a limit of its own', async () => {
  await page.goto('/collections/climate/settings?part=limits');
  await page.getByLabel('Downloads a week').selectOption('A number of its own');
  await page.getByLabel('How many').fill('1000');
  await page.getByRole('button', { name: 'Save the limit' }).click();
  await page.getByText(/of 1,?.?000 downloads this week/).waitFor();
  const limit = await server.api('GET', '/collections/climate/download_limit', { token });
  assert.deepEqual([limit.rule, limit.limit], ['own', 1000]);
  await browser.inspect('collection-limits', '/collections/climate/settings?part=limits', (look) => look.getByText(/downloads this week/).waitFor(), { as: amy });
});

test('owners see how much a collection may hold, and administrators say how much', async () => {
  const settings = '/collections/climate/settings?part=limits';
  const storage = (look) => look.getByRole('region', { name: 'Storage' });
  await page.goto(settings);
  await storage(page).getByText(/are in use, without a quota/).waitFor();
  await storage(page).getByText('Administrators can change how much it may hold.').waitFor();
  assert.equal(await storage(page).getByRole('button').count(), 0);
  const root = { username: 'boss', password: PASSWORD };
  await server.api('POST', '/users', { token: await server.user('root', '--superuser'), body: { ...root, role: 'admin' } });
  const { version } = await server.api('GET', '/terms');
  await server.api('POST', '/terms', { token: await server.user('boss'), body: { version } });
  const boss = await browser.visitor({ as: root });
  await boss.goto(settings);
  const form = storage(boss);
  await form.getByLabel('It may hold').selectOption('A size of its own');
  await form.getByText('Write a size, such as 500 MiB or 20 GiB.').waitFor();
  await form.getByLabel('How much').fill('0');
  assert.deepEqual(await violations(boss), []);
  await form.getByRole('button', { name: 'Save the quota' }).click();
  await form.getByText(/of 0 B are in use/).waitFor();
  const library = new Library(server.url, token);
  await assert.rejects(library.push(sample('tiny'), 'amy/climate/more:1'), /507/);
  await form.getByLabel('It may hold').selectOption('As the registry says');
  await form.getByRole('button', { name: 'Save the quota' }).click();
  await form.getByText(/without a quota/).waitFor();
  const quota = await server.api('GET', '/collections/climate/quota', { token });
  assert.deepEqual([quota.rule, quota.limit_bytes], ['default', null]);
  await browser.inspect('collection-quota', settings, (look) => storage(look).getByLabel('It may hold').waitFor(), { as: root });
});
