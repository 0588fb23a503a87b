// The web application in a real browser: the first view, a long list, and a treemap of a hundred thousand containers.
import { sample } from '../lib/apptainer.mjs';
import { Browser } from '../lib/browser.mjs';
import { manyContainers } from '../lib/given.mjs';
import { Library } from '../lib/library.mjs';
import { Server } from '../lib/server.mjs';
import { UNREACHED } from './limits.mjs';
import { median } from './process.mjs';

const ROUNDS = 7;
const COLLECTIONS = 250;
/** As many containers as the first page shows. */
const CONTAINERS = 8;

export async function pages(after, print) {
  const server = await Server.start(after, { env: UNREACHED });
  const token = await server.user('bench', '--superuser');
  for (let at = 0; at < COLLECTIONS; at += 1) {
    const name = `group-${String(at).padStart(3, '0')}`;
    await server.api('POST', '/collections', { token, body: { name, description: `What group ${at} works with` } });
  }
  const library = new Library(server.url, token);
  for (let at = 0; at < CONTAINERS; at += 1) await library.push(sample('tiny'), `bench/group-00${at}/tools:latest`);
  const browser = await Browser.launch(after, server);
  await firstView(browser, print);
  await list(browser, print);
  await treemap(browser, print);
}

/** A visitor whose browser has finished opening its own windows, which takes both cores for about a second. */
async function settled(browser) {
  const page = await browser.visitor();
  await page.waitForTimeout(2000);
  return page;
}

/** Everything new: no cache, no session. Usable is when the page has its heading, its search box and its figures. */
async function firstView(browser, print) {
  const found = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await settled(browser);
    await page.addInitScript(() => {
      const usable = () => document.querySelector('main h1') && document.querySelector('input[type=search]') && !document.querySelector('main .skeleton');
      const look = new MutationObserver(() => {
        if (!usable()) return;
        window.usable = performance.now();
        look.disconnect();
      });
      look.observe(document, { childList: true, subtree: true });
      window.shifts = 0;
      new PerformanceObserver((seen) => {
        for (const entry of seen.getEntries()) window.shifts += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto('/');
    await page.waitForFunction(() => window.usable && performance.getEntriesByName('first-contentful-paint').length > 0);
    await page.getByRole('link', { name: /group-/ }).first().waitFor();
    found.push(
      await page.evaluate(() => ({
        paint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
        usable: window.usable,
        shifts: window.shifts,
      })),
    );
    await page.context().close();
  }
  const paint = median(found.map((one) => one.paint));
  const usable = median(found.map((one) => one.usable));
  const shifts = Math.max(...found.map((one) => one.shifts));
  print({ what: 'first view: first contentful paint', found: `${paint.toFixed(0)} ms`, goal: 'below 400 ms', good: paint < 400 });
  print({ what: 'first view: usable', found: `${usable.toFixed(0)} ms`, goal: 'below 1000 ms', good: usable < 1000 });
  print({ what: 'first view: cumulative layout shift', found: `${shifts}`, goal: '0', good: shifts === 0 });
}

/** Somebody asks for all rows at once: from the last byte of the answer to the last row in the page, laid out. */
async function list(browser, print) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await settled(browser);
    await page.goto('/collections');
    await page.getByRole('rowheader').first().waitFor();
    await page.waitForLoadState('networkidle');
    times.push(
      await page.evaluate(async (rows) => {
        const listed = new Promise((done) => {
          const look = new MutationObserver(() => {
            if (document.querySelectorAll('main tbody tr').length < rows) return;
            document.body.getBoundingClientRect();
            done(performance.now());
            look.disconnect();
          });
          look.observe(document, { childList: true, subtree: true });
        });
        const select = document.querySelector('select[name=limit]');
        select.value = String(rows);
        select.dispatchEvent(new Event('change', { bubbles: true }));
        const end = await listed;
        const answer = performance.getEntriesByType('resource').findLast((entry) => entry.name.includes('/api/v1/collections?'));
        return end - answer.responseEnd;
      }, COLLECTIONS),
    );
    await page.context().close();
  }
  const ms = median(times);
  print({ what: `a list of ${COLLECTIONS} collections, after its data`, found: `${ms.toFixed(1)} ms`, goal: 'below 50 ms', good: ms < 50 });
}

/** From the data to the picture, and from the pointer to the name of what it points at. */
async function treemap(browser, print) {
  const page = await browser.visitor();
  const body = JSON.stringify(manyContainers(500, 200));
  await page.route('**/api/v1/treemap', (route) => route.fulfill({ contentType: 'application/json', body }));
  await page.goto('/tools/treemap');
  await page.locator('.map canvas').waitFor({ timeout: 60_000 });
  const { drawn, hover, worst } = await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
    const select = document.querySelector('select[name=by]');
    const draws = [];
    for (const by of ['downloads', 'size', 'downloads', 'size', 'downloads']) {
      const begun = performance.now();
      select.value = by;
      select.dispatchEvent(new Event('change', { bubbles: true }));
      await frame();
      await frame();
      draws.push(performance.now() - begun);
    }
    const canvas = document.querySelector('.map canvas');
    const box = canvas.getBoundingClientRect();
    const hovers = [];
    for (let at = 1; at < 200; at += 1) {
      const start = performance.now();
      const spot = { clientX: box.left + (box.width * at) / 200, clientY: box.top + (box.height * ((at * 37) % 100)) / 100, bubbles: true };
      canvas.dispatchEvent(new PointerEvent('pointermove', spot));
      await Promise.resolve();
      hovers.push(performance.now() - start);
      await frame();
    }
    hovers.sort((a, b) => a - b);
    return { drawn: middle(draws), hover: hovers[Math.floor(hovers.length * 0.95)], worst: hovers.at(-1) };
  });
  print({ what: 'a treemap of 100,000 containers', found: `${drawn.toFixed(0)} ms`, goal: 'below 1000 ms', good: drawn < 1000 });
  print({ what: 'pointing at it, 95 % of the time', found: `${hover.toFixed(2)} ms (slowest ${worst.toFixed(2)} ms)`, goal: 'below 16 ms', good: hover < 16 });
}
