// A container's page: what is inside, for which client, and what its owner does with tags and images.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { sample, size } from '../lib/apptainer.mjs';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Library } from '../lib/library.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd, tempDir } from '../lib/temp.mjs';

const run = promisify(execFile);

let server, browser, amy, page, token;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
  token = await content(server, 'amy');
  page = await browser.visitor({ as: amy });
});

const OCEAN = '/collections/climate/containers/ocean';
const tags = async () => (await server.api('GET', OCEAN, { token })).tags;
const notice = (text) => page.locator('.toasts').getByText(text).waitFor();
const row = (tag) => page.getByRole('row').filter({ has: page.getByRole('link', { name: tag }) });

/** Opens the menu of the version that `tag` points at and presses an entry. */
async function act(tag, entry) {
  await page.goto('/containers/climate/ocean?tab=versions');
  await row(tag).getByLabel(/^Actions for/).click();
  await row(tag).getByRole('button', { name: entry }).click();
}

test('each part of an image has an address of its own', async () => {
  const visitor = await browser.visitor();
  await visitor.goto('/containers/climate/ocean:1.0?arch=amd64');
  await visitor.getByText('%runscript').waitFor();
  await visitor.getByRole('link', { name: 'Labels', exact: true }).click();
  await visitor.waitForURL(/tab=labels/);
  await visitor.getByRole('cell', { name: 'Ada Lovelace' }).waitFor();
  await visitor.reload();
  await visitor.getByRole('cell', { name: 'Ada Lovelace' }).waitFor();
  await visitor.goBack();
  await visitor.getByText('%runscript').waitFor();
  for (const [part, words] of [['Runscript', 'echo'], ['Environment', 'GREETING'], ['Help', 'Greets whoever runs it'], ['Apps', 'shout'], ['Contents', /squashfs/i]]) {
    await visitor.getByRole('link', { name: part, exact: true }).click();
    await visitor.getByRole('main').getByText(words).first().waitFor();
    assert.deepEqual(await violations(visitor), [], part);
  }
});

test('the chosen client is remembered, and each architecture has its command', async () => {
  const visitor = await browser.visitor();
  await visitor.goto('/containers/climate/weather');
  await visitor.getByRole('button', { name: 'apptainer' }).click();
  await visitor.goto('/containers/climate/ocean:1.0?arch=arm64');
  await visitor.getByText('apptainer pull --arch arm64 library://climate/ocean:1.0').waitFor();
  await visitor.getByRole('button', { name: 'curl' }).click();
  await visitor.getByRole('button', { name: 'Copy the pull command' }).click();
  const command = await visitor.evaluate(() => navigator.clipboard.readText());
  // As a person would: paste it into a shell; twice, the second time there is nothing left to get.
  const cwd = await tempDir(atEnd);
  const [get, check] = command.split('\n');
  for (const line of [get, check]) await run('sh', ['-ec', line], { cwd });
  assert.match(get, /-C -/);
});

test('a share link works for a stranger until it is used up or revoked', async () => {
  await page.goto('/containers/climate/ocean:0.9');
  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Gives').selectOption('1 download');
  await dialog.getByLabel('Note').fill('for the reviewers');
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  await dialog.getByText('Here is the link').waitFor();
  assert.deepEqual(await violations(page), []);
  await dialog.getByRole('button', { name: 'Copy the link' }).click();
  const url = await page.evaluate(() => navigator.clipboard.readText());
  const shared = await fetch(url);
  assert.equal(shared.status, 200);
  assert.equal((await shared.arrayBuffer()).byteLength, await size(sample('tiny')));
  assert.equal((await fetch(url)).status, 410, 'it gave its one download');

  await dialog.getByRole('button', { name: 'Make another' }).click();
  await dialog.getByLabel('Gives').selectOption('Any number');
  await dialog.getByLabel('Note').fill('for Ben');
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  await dialog.getByRole('button', { name: 'Copy the link' }).click();
  const other = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal((await fetch(other, { method: 'HEAD' })).status, 200);
  await dialog.getByRole('button', { name: 'Revoke: for Ben' }).click();
  await notice('Link revoked.');
  await dialog.getByRole('listitem').filter({ hasText: 'for Ben' }).getByText('revoked').waitFor();
  assert.equal((await fetch(other)).status, 410);
  await page.getByRole('button', { name: 'Close' }).click();
});

test('the share dialog is sound in every look', async () => {
  const ready = async (visitor) => {
    await visitor.getByRole('button', { name: 'Share' }).click();
    await visitor.getByRole('listitem').filter({ hasText: 'for Ben' }).waitFor();
  };
  await browser.inspect('share-dialog', '/containers/climate/ocean:0.9', ready, { as: amy });
  const made = async (visitor) => {
    await ready(visitor);
    await visitor.getByRole('button', { name: 'Make a link' }).click();
    await visitor.getByText('Here is the link').waitFor();
  };
  await browser.inspect('share-dialog-link', '/containers/climate/ocean:0.9', made, { as: amy });
});

test('a visitor is offered nothing that only owners may do', async () => {
  const visitor = await browser.visitor();
  await visitor.goto('/containers/climate/ocean?tab=versions');
  await visitor.getByRole('row').nth(1).waitFor();
  assert.equal(await visitor.getByLabel(/^Actions for/).count(), 0);
  for (const name of ['Delete', 'Share']) assert.equal(await visitor.getByRole('button', { name }).count(), 0);
  assert.equal(await visitor.getByRole('link', { name: 'Upload' }).count(), 0);
});

const container = (name, look = page) => look.getByRole('row').filter({ has: look.getByRole('rowheader', { name }) });
const clipboard = (look) => look.evaluate(() => navigator.clipboard.readText());

test('a row of the collection says what its newest image is, and copies the command of the remembered client', async () => {
  const visitor = await browser.visitor();
  await visitor.goto('/collections/climate');
  const weather = container('weather', visitor);
  const { digest } = (await server.api('GET', '/collections/climate/containers/weather')).tags[0];
  await weather.getByText('not signed').waitFor();
  assert.equal(await weather.locator('.digest a').getAttribute('title'), digest);
  await weather.getByRole('button', { name: 'Copy the digest of weather' }).click();
  assert.equal(await clipboard(visitor), digest);
  const copy = weather.getByRole('button', { name: 'Copy the command that pulls library://climate/weather:latest' });
  await copy.click();
  assert.equal(await clipboard(visitor), 'singularity pull library://climate/weather:latest');
  await visitor.evaluate(() => localStorage.setItem('client', 'apptainer'));
  await visitor.reload();
  await copy.click();
  assert.equal(await clipboard(visitor), 'apptainer pull library://climate/weather:latest');
  assert.equal(await visitor.getByLabel(/^Actions for/).count(), 0, 'a visitor is offered nothing else');
  assert.deepEqual(visitor.problems, []);
});

test('from its row a container is frozen, shared and deleted, with the keyboard too', async () => {
  await new Library(server.url, token).push(sample('tiny'), 'amy/climate/gone:1');
  await page.goto('/collections/climate');
  const gone = container('gone');
  const menu = gone.getByLabel('Actions for gone');
  await menu.focus();
  await page.keyboard.press('Enter');
  await gone.getByRole('button', { name: 'Freeze tag 1' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press('Escape');
  await gone.getByRole('button', { name: 'Freeze tag 1' }).waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Actions for gone');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await notice('Tag 1 is frozen.');
  await gone.locator('.badge.frozen').waitFor();
  await menu.click();
  await gone.getByRole('button', { name: 'Unfreeze tag 1' }).click();
  await notice('Tag 1 is no longer frozen.');
  await gone.locator('.badge.frozen').waitFor({ state: 'detached' });

  await menu.click();
  await gone.getByRole('button', { name: 'Share the newest image…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  await dialog.getByRole('button', { name: 'Copy the link' }).click();
  assert.equal((await fetch(await clipboard(page), { method: 'HEAD' })).status, 200);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'hidden' });

  await menu.click();
  await gone.getByRole('button', { name: 'Delete the container…' }).click();
  await dialog.getByLabel('Type “gone” to confirm').fill('gone');
  await dialog.getByRole('button', { name: 'Delete the container' }).click();
  await notice('Container gone deleted.');
  await gone.waitFor({ state: 'detached' });
  await assert.rejects(server.api('GET', '/collections/climate/containers/gone', { token }), { status: 404 });
  assert.deepEqual(page.problems, []);
});

test('however many rows there are, the dialogs are two and a menu is made when it is opened', async () => {
  const owner = await browser.visitor({ as: amy });
  await owner.route(/\/api\/v1\/containers\?/, async (route) => {
    const found = await (await route.fetch()).json();
    const items = Array.from({ length: 250 }, (_, at) => ({ ...found.items[0], name: `copy-${at}` }));
    return route.fulfill({ json: { ...found, items, total: 250 } });
  });
  await owner.goto('/collections/climate');
  const last = container('copy-249', owner);
  await last.waitFor();
  assert.equal(await owner.locator('dialog').count(), 2);
  assert.equal(await owner.locator('.row-menu button').count(), 0);
  await last.getByLabel('Actions for copy-249').click();
  await last.getByRole('button', { name: 'Delete the container…' }).click();
  await owner.getByRole('dialog').getByLabel('Type “copy-249” to confirm').waitFor();
});

test('the rows of a collection are sound in every look', async () => {
  const open = async (look) => {
    await container('ocean', look).getByLabel('Actions for ocean').click();
    await look.getByRole('button', { name: 'Share the newest image…' }).waitFor();
  };
  await browser.inspect('collection-rows', '/collections/climate', open, { as: amy });
  const narrow = await browser.visitor({ as: amy, width: 800 });
  await narrow.goto('/collections/climate');
  await container('ocean', narrow).waitFor();
  const wide = () => narrow.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  for (const width of [769, 800, 1024, 1100]) {
    await narrow.setViewportSize({ width, height: 900 });
    assert.ok((await wide()) <= 0, `${width} px`);
  }
});

test('a frozen tag stays where it is until it is unfrozen', async () => {
  await act('0.9', 'Freeze tag 0.9');
  await notice('Tag 0.9 is frozen.');
  const frozen = (await tags()).find(({ name }) => name === '0.9');
  assert.ok(frozen.frozen);
  await assert.rejects(server.api('DELETE', `${OCEAN}/images/${frozen.digest}`, { token }), { status: 409 });
  await act('0.9', 'Unfreeze tag 0.9');
  await notice('Tag 0.9 is no longer frozen.');
  assert.ok(!(await tags()).some((tag) => tag.frozen));
});

test('a tag is pointed at an image, and a name that cannot be is told', async () => {
  await act('0.9', 'Point a tag at this image…');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Tag').fill('not a tag');
  await dialog.getByText(/letters, digits/i).waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Set the tag' }).isDisabled());
  await dialog.getByLabel('Tag').fill('stable');
  await dialog.getByRole('button', { name: 'Set the tag' }).click();
  await notice('Tag stable points at this image.');
  const all = await tags();
  const digestOf = (tag) => all.find(({ name }) => name === tag).digest;
  assert.equal(digestOf('stable'), digestOf('0.9'));
});

test('a removed tag leaves its image', async () => {
  await act('stable', 'Remove tag stable');
  await notice('Tag stable removed; the image stays.');
  assert.ok(!(await tags()).some(({ name }) => name === 'stable'));
  await row('0.9').waitFor();
});

test('what happened is in the history', async () => {
  await page.goto('/containers/climate/ocean?tab=history');
  for (const words of [/created\s+stable/, /removed\s+stable/, /unfroze\s+0\.9/]) {
    await page.getByRole('listitem').filter({ hasText: words }).first().waitFor();
  }
  assert.deepEqual(await violations(page), []);
});

test('a deleted image is gone, and the page goes on to what is left', async () => {
  const { digest } = (await tags()).find(({ name }) => name === '0.9');
  await act('0.9', 'Delete this image…');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the image' }).click();
  await notice('Image deleted.');
  await row('0.9').waitFor({ state: 'detached' });
  await assert.rejects(server.api('GET', `${OCEAN}/images/${digest}`, { token }), { status: 404 });
});

test('a collection is described and, when its name is typed, deleted', async () => {
  await page.goto('/collections/climate/settings');
  await page.getByLabel('Description').fill('Ocean and air');
  await page.getByLabel('README').fill('# About\n\nSee <script>alert(1)</script> **this**.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await notice('Settings saved.');
  await page.goto('/collections/climate?tab=readme');
  await page.locator('.prose strong', { hasText: 'this' }).waitFor();
  assert.equal(await page.locator('.prose script').count(), 0);
  await page.getByText('Ocean and air').waitFor();

  await page.goto('/collections/climate/settings?part=danger');
  const button = page.getByRole('button', { name: 'Delete the collection' });
  await button.waitFor();
  assert.ok(await button.isDisabled());
  await page.getByLabel(/to confirm/).fill('climate');
  await button.click();
  await page.waitForURL(/\/collections$/);
  await assert.rejects(server.api('GET', '/collections/climate', { token }), { status: 404 });
});
