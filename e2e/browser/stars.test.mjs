// Stars, topics, activity and badges: what people say of things, and what happens with them.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd, until } from '../lib/temp.mjs';

let server, browser, amy, ben;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy, ben] = await people(server, 'amy', 'ben');
  await content(server, 'amy');
});

const stars = async () => (await server.api('GET', '/collections/climate')).collection.stars;

test('a star is given, found again, and taken back', async () => {
  const page = await browser.visitor({ as: ben });
  await page.goto('/collections/climate');
  const star = page.getByRole('button', { name: '0 stars' });
  assert.equal(await star.getAttribute('aria-pressed'), 'false');
  await star.click();
  await page.getByRole('button', { name: '1 star', pressed: true }).waitFor();
  assert.equal(await stars(), 1);
  await page.goto('/collections?filter=starred');
  await page.getByRole('link', { name: 'climate' }).waitFor();
  assert.equal(await page.getByRole('row').count(), 2, 'the head, and the one with the star');
  await page.goto('/');
  const ranking = page.locator('section', { has: page.getByRole('heading', { name: 'Most stars' }) });
  await ranking.getByRole('link', { name: 'climate', exact: true }).waitFor();
  await page.goto('/collections/climate');
  await page.getByRole('button', { name: '1 star', pressed: true }).click();
  await page.getByRole('button', { name: '0 stars', pressed: false }).waitFor();
  assert.equal(await stars(), 0);
  assert.deepEqual(page.problems, []);
});

test('who is not signed in is asked to, and comes back', async () => {
  const page = await browser.visitor();
  await page.goto('/collections/climate');
  await page.getByRole('link', { name: /sign in to give one/ }).click();
  await page.getByLabel('User name').fill(ben.username);
  await page.getByLabel('Password').fill(ben.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/collections/climate');
  await page.getByRole('button', { name: /stars?$/ }).waitFor();
});

test('topics are set in place, refused beside the field, and lead to all that is about them', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/containers/climate/ocean');
  await page.getByRole('button', { name: 'Add topics' }).click();
  const field = page.getByLabel('Topics', { exact: true });
  await field.fill('Oceans_and_Seas');
  await page.getByRole('button', { name: 'Save topics' }).click();
  await page.getByText(/lower case letters, digits and single/i).last().waitFor();
  await field.fill('Oceans, climate-models');
  assert.deepEqual(await violations(page), []);
  await page.getByRole('button', { name: 'Save topics' }).click();
  const topics = page.getByRole('list', { name: 'Topics' });
  await topics.getByRole('link', { name: 'climate-models' }).waitFor();
  await topics.getByRole('link', { name: 'oceans' }).click();
  await page.waitForURL('**/topics/oceans');
  await page.getByRole('link', { name: 'climate/ocean', exact: true }).waitFor();

  const visitor = await browser.visitor();
  await visitor.goto('/containers/climate/ocean');
  await visitor.getByRole('link', { name: 'oceans' }).waitFor();
  assert.equal(await visitor.getByRole('button', { name: /topics/i }).count(), 0);
  await visitor.goto('/topics/nothing-of-this');
  await visitor.getByText('No container is about this.').waitFor();
});

test('activity counts what was pushed and pulled', async () => {
  const file = await fetch(`${server.url}/download/climate/ocean/1.0.sif`);
  assert.equal(file.status, 200);
  await file.arrayBuffer();
  const downloads = async () => (await server.api('GET', '/collections/climate/activity?days=1')).days[0].downloads;
  await until('the download is counted', async () => (await downloads()) > 0);
  const page = await browser.visitor();
  await page.goto('/collections/climate?tab=activity');
  await page.getByRole('img', { name: /^Downloads from .*: 1, 1 at most/ }).waitFor();
  await page.getByRole('img', { name: /^Pushes from .*: 4, 4 at most/ }).waitFor();
  await page.getByText('As a table').click();
  assert.match(await page.getByRole('row').nth(1).innerText(), /^\d{4}-\d\d-\d\d\s+1\s+4$/);
  await page.goto('/containers/climate/weather?tab=activity');
  await page.getByRole('img', { name: /^Pushes from .*: 1, 1 at most/ }).waitFor();
  assert.deepEqual(page.problems, []);
});

test('a badge is chosen, seen, and copied in three languages', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/collections/climate/settings?part=badges');
  const badge = page.getByRole('img', { name: 'The badge' });
  await badge.waitFor();
  const drawn = () => badge.evaluate((image) => image.complete && image.naturalWidth > 20);
  await until('the badge is drawn', drawn);
  await page.getByLabel('It says').selectOption('Downloads');
  await until('the other badge is drawn', drawn);
  const address = `${server.url}/api/v1/collections/climate/badge.svg?show=downloads`;
  const copied = async (format) => {
    await page.getByLabel('Write it as').selectOption(format);
    await page.getByRole('button', { name: 'Copy the badge' }).click();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.equal(await copied('Markdown'), `[![climate](${address})](${server.url}/collections/climate)`);
  assert.match(await copied('HTML'), /^<a href=".*"><img src=".*" alt="climate"><\/a>$/);
  assert.match(await copied('reStructuredText'), /^\.\. image:: .*\n {3}:target: /);
  assert.deepEqual(page.problems, []);
});

for (const [name, path, who, ready] of [
  ['collection-activity', '/collections/climate?tab=activity', 'nobody', 'As a table'],
  ['collection-badges', '/collections/climate/settings?part=badges', 'amy', 'Write it as'],
  ['container-topics', '/containers/climate/ocean', 'amy', 'Change topics'],
  ['topics', '/topics', 'nobody', 'climate-models'],
  ['topic', '/topics/oceans', 'nobody', 'ocean'],
]) {
  test(`the page ${name} is sound in every look`, async () => {
    const as = who === 'amy' ? amy : undefined;
    await browser.inspect(name, path, (page) => page.getByText(ready).first().waitFor(), { as });
  });
}
