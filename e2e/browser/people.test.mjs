// The people of a collection as its owners handle them: let in, give a role, take out, leave; rename and hand over.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, page, amy, ben, tokens;

const notice = (text, on = page) => on.locator('.toasts').getByText(text).waitFor();
const row = (name, on = page) => on.getByRole('row').filter({ has: on.getByText(name, { exact: true }) });
const members = async (collection = 'climate') =>
  Object.fromEntries((await server.api('GET', `/collections/${collection}/members`, { token: tokens.amy })).items.map(({ username, role }) => [username, role]));

/** Opens the menu of a person's row and presses an entry. */
async function act(name, entry) {
  await page.getByLabel(`Actions for ${name}`).click();
  await row(name).getByRole('button', { name: entry }).click();
}

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  // Dan is in no team with amy.
  [amy, ben] = await people(server, 'amy', 'ben', 'cara', 'dan');
  tokens = {};
  for (const name of ['amy', 'ben', 'cara', 'dan']) tokens[name] = await server.user(name);
  await server.api('POST', '/collections', { token: tokens.amy, body: { name: 'climate', private: true } });
  await server.api('POST', '/teams', { token: tokens.amy, body: { name: 'climate-group', permission: 'open' } });
  for (const name of ['ben', 'cara']) await server.api('POST', '/teams/climate-group/join', { token: tokens[name] });
  page = await browser.visitor({ as: amy });
  await page.goto('/collections/climate/settings');
  await page.getByRole('link', { name: 'People' }).click();
});

test('candidates come from the own teams, and typing narrows them', async () => {
  const list = page.getByRole('region', { name: 'Let somebody in' }).getByRole('listitem');
  await list.filter({ hasText: 'ben' }).getByText('in climate-group').waitFor();
  await list.filter({ hasText: 'cara' }).waitFor();
  assert.equal(await list.filter({ hasText: 'dan' }).count(), 0);
  assert.deepEqual(await violations(page), []);
  await page.getByLabel('Find people').fill('car');
  await list.filter({ hasText: 'ben' }).waitFor({ state: 'detached' });
  await list.filter({ hasText: 'cara' }).waitFor();
  await page.getByLabel('Find people').fill('nobody-like-this');
  await page.getByText(/must be in one of your teams first/).waitFor();
  await page.getByLabel('Find people').fill('');
  await list.filter({ hasText: 'ben' }).waitFor();
});

test('somebody is let in as contributor, and sees the private collection at once', async () => {
  const visitor = await browser.visitor({ as: ben });
  await visitor.goto('/collections/climate');
  await visitor.getByText('Not found').first().waitFor();
  await page.getByRole('button', { name: 'Let ben in as contributor' }).click();
  await notice('ben is contributor now.');
  await row('ben').getByText('contributor').waitFor();
  await page.getByRole('button', { name: 'Let ben in as contributor' }).waitFor({ state: 'detached' });
  await visitor.reload();
  await visitor.getByRole('heading', { level: 1, name: 'climate' }).waitFor();
  assert.deepEqual(await members(), { amy: 'owner', ben: 'contributor' });
});

test('a contributor sees the people and leaves', async () => {
  const visitor = await browser.visitor({ as: ben });
  await visitor.goto('/collections/climate?tab=people');
  await row('amy', visitor).getByText('owner').waitFor();
  assert.equal(await visitor.getByLabel(/^Actions for/).count(), 0);
  await visitor.getByRole('button', { name: 'Leave' }).click();
  await visitor.getByRole('dialog').getByRole('button', { name: 'Leave the collection' }).click();
  await notice('You left the collection.', visitor);
  await visitor.waitForURL(/\/collections$/);
  assert.deepEqual(await members(), { amy: 'owner' });
});

test('the last owner cannot leave, and reads why', async () => {
  await page.reload();
  await row('amy').getByRole('button', { name: 'Leave' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Leave the collection' }).click();
  await dialog.getByRole('alert').getByText(/owner/i).waitFor();
  assert.deepEqual(await violations(page), []);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('roles are given and people taken out', async () => {
  await page.getByRole('button', { name: 'Let cara in as owner' }).click();
  await row('cara').getByText('owner').waitFor();
  await act('cara', 'Make a contributor');
  await notice('cara is contributor now.');
  await row('cara').getByText('contributor').waitFor();
  await act('cara', 'Remove from the collection');
  await notice('cara is out of the collection.');
  await row('cara').waitFor({ state: 'detached' });
  assert.deepEqual(await members(), { amy: 'owner' });
});

test('whose rights were taken away meanwhile reads so, and nothing changes', async () => {
  const put = (name, role, by) => server.api('PUT', `/collections/climate/members/${name}`, { token: tokens[by], body: { role } });
  await put('cara', 'owner', 'amy');
  await page.reload();
  await row('cara').waitFor();
  await put('amy', 'contributor', 'cara');
  await act('cara', 'Remove from the collection');
  await page.locator('.toast.bad').getByText(/owner|may not/i).first().waitFor();
  assert.deepEqual(await members(), { amy: 'contributor', cara: 'owner' });
  await page.reload();
  await page.getByText(/Only owners of this collection/).waitFor();
  await put('amy', 'owner', 'cara');
});

test('a collection gets another name when the old one is typed', async () => {
  await page.goto('/collections/climate/settings?part=danger');
  const rename = page.getByRole('region', { name: 'Rename this collection' });
  await rename.getByLabel('New name').fill('Not A Name');
  await rename.locator('#new-name-note').getByText(/lower case/i).waitFor();
  await rename.getByLabel('New name').fill('weather');
  const button = rename.getByRole('button', { name: 'Rename the collection' });
  assert.ok(await button.isDisabled());
  await rename.getByLabel(/to rename it/).fill('climate');
  await button.click();
  await notice('The collection is called weather now.');
  await page.waitForURL(/\/collections\/weather$/);
  await page.getByRole('heading', { level: 1, name: 'weather' }).waitFor();
  await assert.rejects(server.api('GET', '/collections/climate', { token: tokens.amy }), { status: 404 });
});

test('a collection is handed over to somebody of a team, and to nobody else', async () => {
  await page.goto('/collections/weather/settings?part=danger');
  const transfer = page.getByRole('region', { name: 'Hand this collection over' });
  await transfer.getByLabel('User name of the new owner').fill('dan');
  await transfer.getByLabel(/to hand it over/).fill('weather');
  await transfer.getByRole('button', { name: 'Hand the collection over' }).click();
  await transfer.locator('.form-problem, #new-owner-note').getByText(/team|candidate|not found/i).first().waitFor();
  assert.equal((await members('weather')).amy, 'owner');
  await transfer.getByLabel('User name of the new owner').fill('ben');
  await transfer.getByRole('button', { name: 'Hand the collection over' }).click();
  await notice('The collection belongs to ben now.');
  await page.waitForURL(/\/collections\/weather$/);
  assert.deepEqual(await members('weather'), { amy: 'contributor', ben: 'owner', cara: 'owner' });
});

test('the pages are sound in every look', async () => {
  const looks = [
    ['people', '/collections/weather/settings?part=people', (look) => row('cara', look).first().waitFor(), ben],
    ['people-contributor', '/collections/weather?tab=people', (look) => row('cara', look).first().waitFor(), amy],
    ['collection-danger', '/collections/weather/settings?part=danger', (look) => look.getByText('Delete this collection').waitFor(), ben],
    ['collection-settings-stranger', '/collections/weather/settings', (look) => look.getByText(/Only owners/).waitFor(), amy],
  ];
  for (const [name, at, ready, as] of looks) await browser.inspect(name, at, ready, { as });
});
