// What surrounds every page: the menu, the foot, titles, what the browser is made to keep, and that nothing jumps.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy, boss;

before(async () => {
  server = await Server.start(atEnd, { env: { SREGISTRY_REGISTRY_NAME: 'Institute of Computing', SREGISTRY_HELP_CONTACT_EMAIL: 'help@example.org' } });
  browser = await Browser.launch(atEnd, server);
  [amy, boss] = await people(server, 'amy', 'boss');
  await server.api('PATCH', '/users/boss', { token: await server.user('root'), body: { role: 'superuser' } });
  await content(server, 'amy');
});

const menu = (page) => page.getByRole('banner').locator('details.menu');

test('the menu opens, closes with Escape, and offers what the person may use', async () => {
  for (const [who, users] of [[amy, 0], [boss, 1]]) {
    const page = await browser.visitor({ as: who });
    await page.goto('/');
    await menu(page).locator('summary').click();
    await menu(page).getByRole('link', { name: 'Tokens' }).waitFor();
    assert.deepEqual(await violations(page), []);
    assert.equal(await menu(page).getByRole('link', { name: 'Administration' }).count(), users, who.username);
    await page.keyboard.press('Escape');
    await menu(page).getByRole('link', { name: 'Tokens' }).waitFor({ state: 'hidden' });
    await page.context().close();
  }
});

test('the foot names the registry, its version and whom to ask', async () => {
  const page = await browser.visitor();
  await page.goto('/collections');
  const foot = page.getByRole('contentinfo');
  await foot.getByText('Institute of Computing').waitFor();
  await foot.getByText(/Version \d+\.\d+\.\d+/).waitFor();
  assert.equal(await foot.getByRole('link', { name: 'Get help' }).getAttribute('href'), 'mailto:help@example.org');
});

test('the bar and the name stay where they are when the application starts', async () => {
  for (const width of [360, 600, 1440]) {
    const page = await browser.visitor({ width });
    const places = () => page.evaluate(() => ['.topbar', '.brand', '#shell .skeleton-line, main h1'].map((what) => {
      const { left, top, height } = document.querySelector(what).getBoundingClientRect();
      return what.includes('h1') ? [left, top] : [left, top, height];
    }));
    await page.route('**/*.wasm', (route) => route.abort());
    await page.goto('/collections');
    await page.locator('#shell .skeleton-line').first().waitFor();
    const before = await places();
    await page.unroute('**/*.wasm');
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.deepEqual(before, await places(), `at ${width} px`);
    await page.context().close();
  }
});

test('each page has a title of its own', async () => {
  const page = await browser.visitor();
  const titles = new Set();
  for (const path of ['/', '/collections', '/collections/climate', '/containers/climate/ocean', '/login', '/about', '/no/such/page']) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForFunction(() => document.title.includes('Institute of Computing'));
    titles.add(await page.title());
  }
  assert.equal(titles.size, 7, [...titles].join(', '));
});

test('the browser keeps no secret where scripts can read it', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/token');
  await page.getByRole('heading', { level: 1 }).waitFor();
  const kept = await page.evaluate(() => ({ local: { ...localStorage }, session: { ...sessionStorage }, cookies: document.cookie }));
  assert.deepEqual(kept, { local: {}, session: {}, cookies: '' });
});

for (const width of [360, 1440]) {
  test(`nothing jumps while a page fills, at ${width} px`, async () => {
    const page = await browser.visitor({ width });
    await page.addInitScript(() => {
      window.shifts = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          window.shifts.push({ value: entry.value, of: entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.textContent) });
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    for (const path of ['/', '/collections', '/collections/climate', '/containers/climate/ocean', '/search?q=ocean', '/labels', '/about']) {
      await page.goto(path);
      await page.getByRole('contentinfo').getByRole('link', { name: 'About' }).waitFor();
      await page.waitForLoadState('networkidle');
      assert.deepEqual(await page.evaluate(() => window.shifts), [], path);
    }
  });
}
