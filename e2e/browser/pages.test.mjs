// Every page in every look: axe, console, width, title, heading; and that it shows what it is about.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, signedIn, digest;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  const [amy] = await people(server, 'amy');
  const token = await content(server, 'amy');
  const detail = await server.api('GET', '/collections/climate/containers/ocean/images/1.0?arch=amd64', { token });
  digest = detail.image?.digest ?? detail.digest;
  signedIn = { nobody: undefined, amy };
});

const text = (words) => (page) => page.getByText(words).first().waitFor();

// name, path, who looks, what must be there, statuses that its own requests may answer
const PAGES = [
  ['home', '/', 'nobody', text('ocean')],
  ['home-signed-in', '/', 'amy', text('ocean')],
  ['login', '/login', 'nobody', (page) => page.getByLabel('Password').waitFor()],
  ['terms', '/terms', 'nobody', text(/terms of use/i)],
  ['collections', '/collections', 'nobody', text('climate')],
  ['collections-mine', '/collections?filter=mine', 'amy', text('secret')],
  ['collections-none', '/collections?q=nosuchthing', 'nobody', text('No collection fits')],
  ['collection-new', '/collections/new', 'amy', (page) => page.getByLabel(/name/i).first().waitFor()],
  ['collection', '/collections/climate', 'nobody', text('weather')],
  ['collection-owner', '/collections/climate', 'amy', text('weather')],
  ['collection-empty', '/collections/empty', 'amy', text('empty')],
  ['collection-settings', '/collections/climate/settings', 'amy', (page) => page.getByLabel('README').waitFor()],
  ['upload', '/collections/climate/upload', 'amy', (page) => page.getByLabel('Container', { exact: true }).waitFor()],
  ['upload-stranger', '/collections/climate/upload', 'nobody', text(/sign in/i)],
  ['container', '/containers/climate/ocean', 'nobody', text('library://')],
  ['container-tag', '/containers/climate/ocean:1.0', 'nobody', text('library://')],
  ['container-digest', () => `/containers/climate/ocean@${digest}`, 'nobody', text('sha256')],
  ['search', '/search?q=ocean', 'nobody', text('climate')],
  ['search-nothing', '/search?q=nosuchthing', 'nobody', text('Nothing found')],
  ['token', '/token', 'amy', (page) => page.getByRole('heading', { level: 1, name: /token/i }).waitFor()],
  ['password', '/account/password', 'amy', (page) => page.getByLabel(/new password/i).waitFor()],
  ['about', '/about', 'nobody', text(/version/i)],
  ['not-found', '/no/such/page', 'nobody', (page) => page.getByRole('heading', { level: 1 }).waitFor()],
  ['collection-not-found', '/collections/nosuchthing', 'nobody', (page) => page.getByRole('heading', { level: 1 }).waitFor(), [404]],
];

for (const [name, path, who, ready, expected] of PAGES) {
  test(`the page ${name} is sound in every look`, async () => {
    await browser.inspect(name, typeof path === 'function' ? path() : path, ready, { as: signedIn[who], expected });
  });
}

test('an unknown page says that it is not there', async () => {
  const page = await browser.visitor();
  await page.goto('/no/such/page');
  await page.getByRole('heading', { level: 1, name: /not found|no such|nothing here/i }).waitFor();
});

test('a private collection looks to a visitor exactly like one that is not there', async () => {
  const words = async (name) => {
    const page = await browser.visitor();
    await page.goto(`/collections/${name}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const main = await page.locator('main').innerText();
    await page.context().close();
    return main.replaceAll(name, '…').replaceAll(/[0-9a-f-]{16,}/gi, '');
  };
  assert.equal(await words('secret'), await words('nosuchthing'));
});
