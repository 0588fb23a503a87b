// People's public pages, and the page about the registry.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy, ben;

before(async () => {
  server = await Server.start(atEnd, {
    env: {
      SREGISTRY_REGISTRY_NAME: 'Institute of Computing',
      SREGISTRY_HELP_CONTACT_EMAIL: 'help@example.org',
      SREGISTRY_HELP_INSTITUTION_SITE: 'https://example.org/computing',
    },
  });
  browser = await Browser.launch(atEnd, server);
  [amy, ben] = await people(server, 'amy', 'ben', 'cara');
  const token = await content(server, 'amy');
  await server.api('POST', '/teams', { token, body: { name: 'modelling', description: 'Who models what' } });
});

test('a name of an owner leads to their page, which shows what a visitor may see', async () => {
  const page = await browser.visitor();
  await page.goto('/collections');
  await page.getByRole('row').filter({ hasText: 'climate' }).getByRole('link', { name: 'amy' }).click();
  await page.waitForURL(/\/users\/amy$/);
  await page.getByRole('heading', { level: 1, name: 'amy' }).waitFor();
  await page.getByRole('link', { name: 'climate' }).waitFor();
  await page.getByRole('link', { name: 'modelling' }).waitFor();
  assert.equal(await page.getByText('secret').count(), 0);
  assert.deepEqual(page.problems, []);
});

test('one sees all of the own page, and the way to the own profile', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/users/amy');
  await page.getByRole('link', { name: 'secret' }).waitFor();
  await page.getByRole('link', { name: 'Your profile' }).click();
  await page.waitForURL(/\/profile$/);
});

test('who is met nowhere has no page, like those who do not exist', async () => {
  const seen = [];
  for (const name of ['cara', 'nobody-of-this-name']) {
    const page = await browser.visitor({ as: ben });
    await page.goto(`/users/${name}`);
    await page.getByRole('heading', { level: 1, name: 'Not found' }).waitFor();
    seen.push((await page.getByRole('alert').innerText()).replace(name, 'NAME'));
  }
  assert.equal(seen[0], seen[1]);
});

test('the page about the registry tells figures, contacts and what it speaks', async () => {
  const page = await browser.visitor();
  await page.goto('/about');
  const figures = page.locator('dl.figures');
  await figures.waitFor();
  assert.match(await figures.innerText(), /2\s+Collections|Collections\s+2/);
  await page.getByRole('link', { name: 'help@example.org' }).waitFor();
  assert.equal(await page.getByRole('main').getByRole('link', { name: /example\.org\/computing/ }).getAttribute('href'), 'https://example.org/computing');
  const host = new URL(server.url).host;
  await page.getByText(`oras://${host}/collection/container:tag`).waitFor();
  assert.equal(await page.getByRole('link', { name: /OpenAPI/ }).getAttribute('href'), '/api/openapi.json');
});

for (const [name, path, ready, as] of [
  ['person', '/users/amy', 'climate', undefined],
  ['person-own', '/users/amy', 'secret', 'amy'],
  ['about-all', '/about', 'library://', undefined],
]) {
  test(`the page ${name} is sound in every look`, async () => {
    await browser.inspect(name, path, (page) => page.getByText(ready).first().waitFor(), { as: as && amy });
  });
}
