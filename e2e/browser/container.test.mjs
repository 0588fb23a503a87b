// A container's page: what is inside, for which client, and what its owner does with tags and images.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { sample, size } from '../lib/apptainer.mjs';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
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
