// What settings give the pages of their own: accent, logo, statistics after a yes. Other hosts never hear of it: requests to them are
// caught here.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd, tempDir, until } from '../lib/temp.mjs';

// Wide, with a script that must never run.
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 32"><script>window.parent.hurt = true; document.title = "hurt"</script>
<rect width="96" height="32" rx="6" fill="#0b5394"/><circle cx="16" cy="16" r="9" fill="#ffd400"/><path d="M34 12h52v3H34zM34 19h36v3H34z" fill="#fff"/></svg>`;
let server, browser, amy;

before(async () => {
  const logo = `${await tempDir(atEnd)}/logo.svg`;
  await writeFile(logo, LOGO);
  server = await Server.start(atEnd, {
    env: {
      SREGISTRY_REGISTRY_NAME: 'Ocean Lab',
      SREGISTRY_REGISTRY_ACCENT: '#0b5394',
      SREGISTRY_REGISTRY_LOGO: logo,
      SREGISTRY_GOOGLE_ANALYTICS: 'G-TEST1234',
    },
  });
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
  await content(server, 'amy');
});

/** A visitor, and what the pages asked of other hosts. */
async function watched(options) {
  const page = await browser.visitor(options);
  page.foreign = [];
  await page.context().route((url) => url.origin !== server.url, (route) => {
    page.foreign.push(route.request().url());
    return route.fulfill({ contentType: 'text/javascript', body: 'window.tagLoaded = true;' });
  });
  return page;
}

const bar = (page) => page.getByRole('region', { name: 'Statistics' });
const kept = (page) => page.evaluate(() => localStorage.getItem('statistics'));
/** What was told, without dates. */
const told = (page) => page.evaluate(() => (window.dataLayer ?? []).map((entry) => [...entry].map((part) => (part instanceof Date ? 'now' : part))));

test('links and buttons wear the accent in both themes, and are readable', async () => {
  const page = await watched({ as: amy });
  for (const [theme, fill] of [['light', 'rgb(11, 83, 148)'], ['dark', null]]) {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto('/collections');
    const button = page.getByRole('link', { name: 'New collection' });
    await button.waitFor();
    const colour = await button.evaluate((node) => getComputedStyle(node).backgroundColor);
    if (fill) assert.equal(colour, fill);
    else assert.notEqual(colour, 'rgb(215, 38, 61)');
    assert.deepEqual(await violations(page), [], theme);
  }
  assert.deepEqual(page.problems, []);
});

test('name, logo and accent are in the page before the application is', async () => {
  const page = await watched();
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto('/');
  await page.getByText('Ocean Lab').waitFor();
  await page.locator('img.brand-logo').waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent-fill')), '#0b5394');
});

test('the logo stands beside the name, is the icon, and runs nothing', async () => {
  const page = await watched();
  await page.goto('/');
  const logo = page.locator('header img.brand-logo');
  await page.getByRole('banner').getByText('Ocean Lab').waitFor();
  const size = await until('the logo is drawn', () => logo.evaluate((node) => node.complete && node.naturalWidth && [node.clientWidth, node.clientHeight]));
  assert.deepEqual(size, [90, 30]);
  const path = await logo.getAttribute('src');
  assert.equal(await page.locator('link[rel=icon]').getAttribute('href'), path);
  assert.deepEqual(page.problems, []);
  // Opened as a page it is a picture, too.
  const alone = await watched();
  await alone.goto(path);
  assert.notEqual(await alone.title(), 'hurt');
  assert.ok(!(await page.evaluate(() => window.hurt)));
  assert.deepEqual(page.foreign, []);
});

test('nothing is asked of another host before a yes, and the pages work', async () => {
  const page = await watched();
  await page.goto('/collections');
  await bar(page).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByRole('link', { name: 'climate' }).first().click();
  await page.getByText('weather').first().waitFor();
  await bar(page).waitFor();
  assert.deepEqual(page.foreign, []);
  assert.equal(await kept(page), null);
  assert.deepEqual(await page.context().cookies(), []);
  assert.deepEqual(page.problems, []);
});

test('after a yes visits are counted by the part of the pages, and no name is told', async () => {
  const page = await watched();
  await page.goto('/collections/climate?tab=people');
  await bar(page).getByRole('button', { name: 'Yes, count it' }).click();
  await until('the tag is loaded', () => page.evaluate(() => window.tagLoaded));
  assert.deepEqual(page.foreign, ['https://www.googletagmanager.com/gtag/js?id=G-TEST1234']);
  await bar(page).waitFor({ state: 'detached' });
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Teams' }).click();
  await page.getByRole('heading', { level: 1, name: 'Teams' }).waitFor();
  await page.goBack();
  const words = JSON.stringify(await told(page));
  for (const secret of ['climate', 'people', 'tab']) assert.ok(!words.includes(secret), words);
  const views = (await told(page)).filter(([, name]) => name === 'page_view').map(([, , parts]) => parts.page_path);
  assert.deepEqual(views, ['/collections', '/teams', '/collections']);
  assert.equal(await kept(page), 'yes');
  await page.goto('/tools');
  await until('the yes is remembered', () => page.evaluate(() => window.tagLoaded));
  assert.equal(await bar(page).count(), 0);
  assert.deepEqual(page.problems, []);
});

test('the code of an invitation is told nobody', async () => {
  const page = await watched();
  await page.addInitScript(() => localStorage.setItem('statistics', 'yes'));
  await page.goto('/invite/5ec4e7c0de');
  await page.getByRole('heading', { name: 'This invitation does not work' }).waitFor();
  await until('the visit is counted', async () => JSON.stringify(await told(page)).includes('page_view'));
  const words = JSON.stringify(await told(page));
  assert.ok(words.includes('/invite"') && !words.includes('5ec4e7c0de'), words);
  assert.ok(page.foreign.length > 0 && page.foreign.every((url) => !url.includes('5ec4e7c0de')));
});

test('a no is remembered, and both can be changed at the foot of each page', async () => {
  const page = await watched();
  await page.goto('/');
  await bar(page).getByRole('button', { name: 'No, thanks' }).click();
  await bar(page).waitFor({ state: 'detached' });
  await page.goto('/teams');
  const again = page.getByRole('contentinfo').getByRole('button', { name: 'Statistics' });
  await again.waitFor();
  assert.equal(await bar(page).count(), 0);
  assert.deepEqual(page.foreign, []);
  await again.click();
  await page.keyboard.press('Enter');
  await until('the tag is loaded', () => page.evaluate(() => window.tagLoaded));
  await page.evaluate(() => { document.cookie = '_ga=GA1.1.1; path=/'; });
  await again.click();
  await bar(page).getByRole('button', { name: 'No, thanks' }).click();
  await until('the page begins anew without it', () => page.evaluate(() => !window.dataLayer && !document.cookie));
  assert.equal(await kept(page), 'no');
  assert.deepEqual(page.problems, []);
});

test('browsers that say no by themselves are not asked', async () => {
  const page = await watched();
  await page.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
  await page.goto('/');
  await page.getByRole('contentinfo').getByRole('button', { name: 'Statistics' }).waitFor();
  assert.equal(await bar(page).count(), 0);
  assert.deepEqual(page.foreign, []);
});

test('the page with a look of its own is sound in every look', async () => {
  await browser.inspect('own-look', '/', (page) => bar(page).waitFor());
});
