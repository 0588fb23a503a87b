// Pages on paper, and on the widest screens.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

const OUT = new URL('../.out/', import.meta.url).pathname;
let server, browser, amy;

before(async () => {
  server = await Server.start(atEnd, { env: { SREGISTRY_REGISTRY_NAME: 'Institute of Computing' } });
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
  await content(server, 'amy');
});

const luminance = (colour) => {
  const [red, green, blue] = colour.match(/\d+(\.\d+)?/g).map(Number);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
};

for (const [name, path] of [
  ['container', '/containers/climate/ocean:1.0'],
  ['recipe', '/containers/climate/ocean:1.0?tab=recipe'],
  ['collection', '/collections/climate'],
]) {
  test(`the page of a ${name} is readable on paper, also when the screen is dark`, async () => {
    const page = await browser.visitor({ theme: 'dark' });
    await page.addInitScript(() => localStorage.setItem('theme', 'dark'));
    await page.goto(path);
    await page.getByText('ocean').first().waitFor();
    await page.locator('.skeleton').first().waitFor({ state: 'detached' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    // A4 less its margins, at 96 dots an inch.
    await page.setViewportSize({ width: 690, height: 1000 });
    await page.screenshot({ path: `${OUT}print-${name}.png`, fullPage: true });
    await page.pdf({ path: `${OUT}print-${name}.pdf`, format: 'A4' });
    const look = await page.evaluate(() => {
      const style = getComputedStyle(document.body);
      const seen = (selector) => [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility()).length;
      return {
        ink: style.color,
        paper: style.backgroundColor,
        pressed: seen('button, .topbar, .footer, form'),
        title: seen('h1'),
        wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        cut: [...document.querySelectorAll('pre, .table-wrap')].filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1).length,
      };
    });
    assert.ok(luminance(look.ink) < 0.2 && luminance(look.paper) > 0.95, JSON.stringify(look));
    assert.deepEqual({ ...look, ink: 0, paper: 0 }, { ink: 0, paper: 0, pressed: 0, title: 1, wide: 0, cut: 0 });
    await page.context().close();
  });
}

for (const [name, path, ready] of [
  ['home', '/', 'ocean'],
  ['collections', '/collections', 'climate'],
  ['collection', '/collections/climate', 'weather'],
  ['container', '/containers/climate/ocean:1.0', 'library://'],
  ['search', '/search?q=ocean', 'climate'],
  ['token', '/token', 'New token'],
  ['about', '/about', 'library://'],
  ['person', '/users/amy', 'climate'],
  ['settings', '/collections/climate/settings', 'README'],
]) {
  test(`the page ${name} fills the widest screens without long lines`, async () => {
    const page = await browser.visitor({ as: amy });
    await page.setViewportSize({ width: 3840, height: 2160 });
    await page.goto(path);
    await page.getByText(ready).first().waitFor();
    await page.screenshot({ path: `${OUT}4k-${name}.png` });
    const look = await page.evaluate(() => {
      const longest = [...document.querySelectorAll('main p')].map((node) => node.clientWidth / parseFloat(getComputedStyle(node).fontSize));
      return { main: document.querySelector('main').clientWidth / innerWidth, longest: Math.max(0, ...longest), text: parseFloat(getComputedStyle(document.body).fontSize) };
    });
    assert.ok(look.main > 0.55, `${look.main} of the width is used`);
    assert.ok(look.longest < 46, `a line of ${look.longest} em`);
    assert.ok(look.text >= 20, `text of ${look.text} px`);
    await page.context().close();
  });
}
