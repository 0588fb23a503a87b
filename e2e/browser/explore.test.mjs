// Ways through the registry: tools, treemap, labels, search with filters, profile.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { sample } from '../lib/apptainer.mjs';
import { Browser, violations } from '../lib/browser.mjs';
import { content, manyContainers, people } from '../lib/given.mjs';
import { Library } from '../lib/library.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd, until } from '../lib/temp.mjs';

let server, browser, amy, token;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
  token = await content(server, 'amy');
  await until('the labels were read', async () => (await server.api('GET', '/labels')).total > 0);
});

const line = (page) => page.locator('.map-line');
const shown = (words) => (page) => page.getByText(words).first().waitFor();

test('the map says what is pointed at, goes into a collection and on to a container', async () => {
  const page = await browser.visitor();
  await page.goto('/tools/treemap');
  const canvas = page.getByRole('application');
  await canvas.waitFor();
  const { width, height } = await canvas.boundingBox();
  await canvas.hover({ position: { x: width / 4, y: height / 2 } });
  await line(page).getByText(/climate\/\w+ · .+ %/).waitFor();
  await canvas.click({ position: { x: width / 4, y: height / 2 } });
  await page.waitForURL(/collection=climate/);
  await page.getByRole('heading', { name: /Treemap of climate/ }).waitFor();
  await page.getByRole('application').click({ position: { x: width / 4, y: height / 2 } });
  await page.waitForURL(/\/containers\/climate\//);
  await page.goBack();
  await page.waitForURL(/treemap.*collection=climate/);
  assert.deepEqual(page.problems, []);
});

test('the map is used with the keyboard alone', async () => {
  const page = await browser.visitor();
  await page.goto('/tools/treemap');
  await page.getByRole('application').focus();
  await page.keyboard.press('ArrowRight');
  const first = await line(page).innerText();
  assert.match(first, /climate\//);
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction((before) => document.querySelector('.map-line').innerText !== before, first);
  await page.keyboard.press('Enter');
  await page.waitForURL(/collection=climate/);
  await page.getByRole('heading', { name: /Treemap of climate/ }).waitFor();
  // The map of the collection has come, and has kept the focus.
  await line(page).getByText(/Point at a rectangle/).waitFor();
  await page.locator('canvas:focus').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => !url.search.includes('collection'));
});

test('the map is a table too, is searched, and can be kept as CSV and SVG', async () => {
  const page = await browser.visitor();
  await page.goto('/tools/treemap?q=ocean');
  await line(page).getByText('Highlighted: 1 of 2.').waitFor();
  const kept = async (name) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    return readFile(await download.path(), 'utf8');
  };
  const csv = await kept('CSV');
  assert.match(csv, /^collection,container,bytes,downloads\r\nclimate,ocean,\d+,\d+\r\nclimate,weather,/);
  assert.ok(!csv.includes('secret'), 'only what a visitor may see');
  assert.match(await kept('SVG'), /^<svg .*<title>climate\/ocean<\/title>/s);
  await page.getByLabel('Show as').selectOption('Table');
  await page.waitForURL(/view=table/);
  await page.getByRole('link', { name: 'climate/ocean' }).waitFor();
  assert.equal(await page.getByRole('row').count(), 2, 'the head, and what was searched for');
  assert.deepEqual(await violations(page), []);
});

test('without downloads the map says that there is nothing to show', async () => {
  const page = await browser.visitor();
  await page.goto('/tools/treemap?by=downloads');
  await line(page).getByText(/Left out: 2 without downloads/).waitFor();
});

test('a hundred thousand containers are drawn and can be pointed at', async () => {
  const page = await browser.visitor();
  const body = JSON.stringify(manyContainers(500, 200));
  await page.route('**/api/v1/treemap', (route) => route.fulfill({ contentType: 'application/json', body }));
  await page.goto('/tools/treemap');
  await line(page).waitFor({ timeout: 60_000 });
  await page.locator('.map canvas').hover({ position: { x: 300, y: 200 } });
  await line(page).getByText(/collection-\d+\/container-\d+/).waitFor();
});

test('labels lead to their values and to the containers that carry them', async () => {
  const page = await browser.visitor();
  await page.goto('/containers/climate/ocean:1.0?arch=amd64&tab=labels');
  await page.getByRole('rowheader').getByRole('link').first().waitFor();
  await page.goto('/tools');
  await page.getByRole('link', { name: /^Labels/ }).click();
  await page.getByLabel('Letters of the label').fill('author');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.waitForURL(/q=author/);
  await page.getByRole('rowheader').getByRole('link').first().click();
  await page.getByRole('link', { name: 'Ada Lovelace' }).click();
  await page.getByRole('link', { name: 'climate/ocean' }).waitFor();
  await page.goto('/labels/no-such-label');
  await page.getByText('Nothing carries this').waitFor();
});

test('a search is narrowed down, and its address holds it all', async () => {
  const page = await browser.visitor();
  await page.goto('/search?q=climate');
  await page.getByRole('link', { name: 'climate/weather' }).waitFor();
  await page.getByLabel('Architecture').selectOption('arm64');
  await page.waitForURL(/arch=arm64/);
  await page.getByRole('link', { name: 'climate/weather' }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'climate/ocean' }).waitFor();
  await page.reload();
  assert.equal(await page.getByLabel('Architecture').inputValue(), 'arm64');
  await page.getByLabel('Architecture').selectOption('riscv64');
  await page.getByText('Nothing found').waitFor();
  await page.getByRole('link', { name: 'Search without the filters' }).click();
  await page.getByRole('link', { name: 'climate/weather' }).waitFor();
  const label = page.getByLabel('Label', { exact: true });
  const key = (await label.locator('option').allInnerTexts()).find((text) => text !== 'Any');
  await label.selectOption(key);
  await page.waitForURL(/label=/);
  await page.getByLabel('Value').waitFor();
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(page.problems, []);
});

test('the profile lists collections and live share links, and revokes one', async () => {
  const path = '/collections/climate/containers/ocean/images/0.9/share_links';
  const { url } = await server.api('POST', path, { token, body: { expires_in_hours: 1, note: 'for Ben' } });
  const page = await browser.visitor({ as: amy });
  await page.goto('/profile');
  await page.getByRole('link', { name: 'secret' }).waitFor();
  await browser.inspect('profile', '/profile', shown('for Ben'), { as: amy });
  await page.getByRole('button', { name: 'Revoke: for Ben' }).click();
  await page.locator('.toasts').getByText('Link revoked.').waitFor();
  assert.equal((await fetch(url)).status, 410);
});

for (const [name, path, words] of [
  ['tools', '/tools', 'Treemap'],
  ['treemap', '/tools/treemap', 'Point at a rectangle'],
  ['treemap-collection', '/tools/treemap?collection=climate', 'Point at a rectangle'],
  ['treemap-table', '/tools/treemap?view=table', 'climate/ocean'],
  ['labels', '/labels', 'Values'],
  ['search-filters', '/search?q=climate&arch=arm64', 'climate/'],
]) {
  test(`the page ${name} is sound in every look`, () => browser.inspect(name, path, shown(words)));
}

test('the profile asks visitors to sign in', () => browser.inspect('profile-visitor', '/profile', shown('Sign in first')));

test('what is found follows the words, with facets, and the address says so', async () => {
  await server.api('PATCH', '/collections/climate/containers/ocean', { token, body: { topics: ['sea'] } });
  const page = await browser.visitor();
  await page.goto('/search');
  await page.getByRole('link', { name: /weather/ }).first().waitFor();
  const box = page.getByRole('searchbox', { name: 'Search containers' });
  await box.pressSequentially('oce ');
  await page.waitForURL(/\?q=oce$/);
  await page.getByRole('link', { name: /weather/ }).first().waitFor({ state: 'detached' });
  assert.equal(await box.inputValue(), 'oce ', 'what is typed stays as it is typed');
  await page.getByLabel('Topic').selectOption('sea');
  await page.waitForURL(/q=oce&topic=sea/);
  await box.fill('clim');
  await page.waitForURL(/q=clim&topic=sea/);
  await page.getByText('Collections', { exact: true }).last().waitFor();
  await page.getByRole('main').getByRole('link', { name: 'climate', exact: true }).click();
  await page.waitForURL(/\/collections\/climate$/);
  assert.deepEqual(page.problems, []);
});

test('hundreds of collections are one list, to its last row', async (t) => {
  const names = Array.from({ length: 60 }, (_, at) => `many-${String(at).padStart(2, '0')}`);
  for (const name of names) await server.api('POST', '/collections', { token, body: { name, description: '<b>Not bold</b> & "quoted"' } });
  t.after(() => Promise.all(names.map((name) => server.api('DELETE', `/collections/${name}`, { token }))));
  const page = await browser.visitor();
  await page.goto('/collections?q=many&sort=name&limit=100');
  const rows = page.locator('main tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 60);
  await rows.nth(59).scrollIntoViewIfNeeded();
  const last = page.getByRole('link', { name: names.at(-1) });
  await last.waitFor();
  const words = /many-59\s+<b>Not bold<\/b> & "quoted"\s+amy\s+0\s+0 B/;
  await until('the last row is drawn', async () => words.test(await rows.nth(59).innerText()));
  await last.click();
  await page.getByRole('heading', { level: 1, name: /many-59/ }).waitFor();
});

test('collections are cards for those who like them better', async () => {
  const page = await browser.visitor();
  await page.goto('/collections');
  await page.getByLabel('As', { exact: true }).selectOption('cards');
  await page.waitForURL(/view=cards/);
  const places = await until('two cards stand beside each other', async () => {
    const rows = await page.locator('tbody tr').evaluateAll((all) => all.map((row) => row.getBoundingClientRect().top));
    return rows.length > 1 && rows[0] === rows[1];
  });
  assert.ok(places);
  await page.reload();
  await page.locator('.as-cards').waitFor();
});

for (const [name, path, ready] of [
  ['collections-cards', '/collections?view=cards', 'climate'],
  ['search-words', '/search?q=climate', 'Collections'],
  ['tools-api', '/tools/api', 'OpenAPI'],
  ['policy', '/policy', 'Version'],
]) {
  test(`the page ${name} is sound in every look`, async () => {
    await browser.inspect(name, path, shown(ready));
  });
}

test('a search is narrowed down to what somebody owns', async () => {
  const ben = await server.user('ben');
  await server.api('POST', '/collections', { token: ben, body: { name: 'air' } });
  await new Library(server.url, ben).push(sample('tiny'), 'ben/air/wind:1');
  const cara = await server.user('cara');
  await server.api('POST', '/collections', { token: cara, body: { name: 'hidden', private: true } });
  await new Library(server.url, cara).push(sample('tiny'), 'cara/hidden/thing:1');
  const page = await browser.visitor();
  await page.goto('/search');
  const wind = page.getByRole('link', { name: 'air/wind' });
  const ocean = page.getByRole('link', { name: 'climate/ocean' });
  await wind.waitFor();
  const owner = page.getByLabel('Owner', { exact: true });
  assert.deepEqual(await owner.locator('option').allInnerTexts(), ['Anybody', 'amy', 'ben'], 'nobody who owns only what is hidden');
  await owner.selectOption('ben');
  await page.waitForURL(/owner=ben/);
  await ocean.waitFor({ state: 'detached' });
  await wind.waitFor();
  await page.reload();
  await wind.waitFor();
  assert.equal(await owner.inputValue(), 'ben');
  assert.deepEqual(await violations(page), []);
  await page.getByRole('searchbox', { name: 'Search containers' }).fill('oce');
  await page.waitForURL(/q=oce&owner=ben/);
  await page.getByText('Nothing found').waitFor();
  await owner.selectOption('amy');
  await ocean.waitFor();
  await page.getByRole('link', { name: 'Clear' }).click();
  await page.waitForURL(/\?q=oce$/);
  assert.deepEqual(page.problems, []);
  await browser.inspect('search-owner', '/search?owner=ben', (look) => look.getByRole('link', { name: 'air/wind' }).waitFor());
});
