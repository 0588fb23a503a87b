// A real browser, and what every page must be: free of axe's violations, free of errors in the console,
// and as wide as its window, in light and dark, on a telephone and on a desk.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const OUT = new URL('../.out/', import.meta.url).pathname;

/** Every way in which a page is looked at. */
export const LOOKS = ['light', 'dark'].flatMap((theme) => [360, 1440].map((width) => ({ theme, width })));

export class Browser {
  static async launch(after, server) {
    const browser = new Browser();
    browser.server = server;
    browser.chromium = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    after(() => browser.chromium.close());
    await mkdir(OUT, { recursive: true });
    return browser;
  }

  /**
   * A visitor: a browser profile of its own. With `as` (user name and password) the visitor is signed in.
   * `problems` of the result lists what went wrong on its pages so far.
   */
  async visitor({ as, theme = 'light', width = 1440 } = {}) {
    const context = await this.chromium.newContext({
      baseURL: this.server.url,
      colorScheme: theme,
      viewport: { width, height: heightFor(width) },
      permissions: ['clipboard-read', 'clipboard-write'],
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(30_000);
    if (as) {
      const answer = await context.request.post('/api/v1/login/local', { data: as });
      assert.equal(answer.status(), 200, await answer.text());
    }
    const page = await context.newPage();
    page.problems = [];
    page.on('pageerror', (error) => page.problems.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') page.problems.push(`console: ${message.text()} (${message.location().url})`);
    });
    return page;
  }

  /**
   * Opens `path`, waits until `ready(page)` has found what the page is about, and checks in every look what
   * must hold for every page. Screenshots go to .out/NAME-THEME-WIDTH.png.
   * `expected` are statuses that the page's own requests may answer, such as 404 on the page for that.
   */
  async inspect(name, path, ready, { as, expected = [] } = {}) {
    const page = await this.visitor({ as });
    await page.goto(path);
    await ready(page);
    assert.match(await page.title(), /\S/, `${name}: the page has a title`);
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1, `${name}: one main heading`);
    for (const { theme, width } of LOOKS) {
      const look = `${name} in ${theme} at ${width} px`;
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: heightFor(width) });
      await page.screenshot({ path: `${OUT}${name}-${theme}-${width}.png`, fullPage: true });
      const wide = await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
      assert.equal(wide, 0, `${look}: ${wide} px stick out to the right`);
      assert.deepEqual(await violations(page), [], look);
    }
    const problems = page.problems.filter((text) => !expected.some((status) => text.includes(`status of ${status}`)));
    assert.deepEqual(problems, [], name);
    await page.context().close();
  }
}

/** A telephone is high, a desk is wide. */
const heightFor = (width) => (width < 600 ? 740 : 900);

/** What axe finds, one readable line each. */
export async function violations(page) {
  // Evaluated rather than added as a script, which the page's own policy would rightly refuse.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const result = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      // What passes is not asked for, so axe need not write it down.
      resultTypes: ['violations'],
    }),
  );
  return result.violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)}`));
}
