// Uploading from the browser: with pauses, after breaks and reloads, and with everything that can be wrong.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { sample, sha256 } from '../lib/apptainer.mjs';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd, tempDir, until } from '../lib/temp.mjs';

let server, browser, amy, token, full;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
  token = await content(server, 'amy');
  full = await sha256(sample('full'));
});

const PAGE = '/collections/climate/upload';
const button = (page, name) => page.getByRole('button', { name, exact: true });
const image = (container, tag) => server.api('GET', `/collections/climate/containers/${container}/images/${tag}`, { token });
const uploads = async () => (await server.api('GET', '/uploads', { token })).items;

/** Opens the page and fills in the form. */
async function prepare(page, file, container, tag) {
  await page.goto(PAGE);
  await page.getByLabel(/image file/).setInputFiles(file);
  await page.getByLabel('Container', { exact: true }).fill(container);
  await page.getByLabel('Tag', { exact: true }).fill(tag);
}

/** Lets so many bytes a second leave the browser; none at all means as many as it can. */
async function throttle(page, bytes) {
  page.cdp ??= await page.context().newCDPSession(page);
  await page.cdp.send('Network.enable');
  await page.cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes ?? -1 });
}

/** Starts an upload that takes its time, and waits until a part of it has arrived. */
async function begin(page, container, tag, file = sample('full')) {
  await prepare(page, file, container, tag);
  await throttle(page, 150_000);
  await button(page, 'Upload').click();
  await until('a part is sent', async () => (await page.getByRole('progressbar').evaluate((bar) => bar.value)) > 150_000);
}

/** Waits for the end, and checks that the server has the file. */
async function arrived(page, container, tag, digest = full) {
  await throttle(page);
  await page.getByText('the registry has verified every byte').waitFor();
  assert.equal((await image(container, tag)).image.digest, `sha256:${digest}`);
  assert.deepEqual((await uploads()).filter((upload) => upload.container === container), []);
}

test('a file becomes an image, and its page fills in by itself', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/collections/climate');
  await page.getByRole('link', { name: 'Upload' }).click();
  const named = join(await tempDir(atEnd), 'Ice Sheet_2.1.sif');
  await writeFile(named, await readFile(sample('full')));
  await page.getByLabel(/image file/).setInputFiles(named);
  await page.getByText('amd64').waitFor();
  assert.equal(await page.getByLabel('Container', { exact: true }).inputValue(), 'ice-sheet');
  assert.equal(await page.getByLabel('Tag', { exact: true }).inputValue(), '2.1');
  await page.getByText('library://climate/ice-sheet:2.1').waitFor();
  await button(page, 'Upload').click();
  await page.getByText(`sha256:${full}`).waitFor();
  assert.deepEqual(await violations(page), []);
  await arrived(page, 'ice-sheet', '2.1');
  await button(page, 'Look at the image').click();
  await page.waitForURL(/\/containers\/climate\/ice-sheet:2\.1$/);
  await page.getByText('%runscript').waitFor();
  assert.deepEqual(page.problems, []);
});

test('what cannot be an image, or a name, is told before anything is sent', async () => {
  const page = await browser.visitor({ as: amy });
  const text = join(await tempDir(atEnd), 'notes.sif');
  await writeFile(text, 'no image at all'.repeat(100));
  await page.goto(PAGE);
  await page.getByLabel(/image file/).setInputFiles(text);
  await page.getByText(/not a Singularity or Apptainer image/).waitFor();
  assert.ok(await button(page, 'Upload').isDisabled());
  await page.getByLabel(/image file/).setInputFiles(sample('tiny'));
  await page.getByLabel('Container', { exact: true }).fill('No Such Name');
  await page.getByText(/lower case letters and digits/).waitFor();
  assert.ok(await button(page, 'Upload').isDisabled());
  await page.getByLabel('Container', { exact: true }).fill('small');
  await page.getByLabel('Tag', { exact: true }).fill('a b');
  await page.getByText(/starts with a letter/).waitFor();
  assert.ok(await button(page, 'Upload').isDisabled());
  assert.deepEqual(await violations(page), []);
});

test('whoever may not push is told so', async () => {
  const [ben] = await people(server, 'ben');
  const page = await browser.visitor({ as: ben });
  await page.goto(PAGE);
  await page.getByText('You may not push to this collection').waitFor();
});

test('a pause keeps what has arrived, and other pages can be looked at meanwhile', async () => {
  const page = await browser.visitor({ as: amy });
  await begin(page, 'paused', '1');
  assert.match(await page.locator('.figures').innerText(), /KiB\/s/);
  await button(page, 'Pause').click();
  await page.getByText('Paused. What has arrived is kept.').waitFor();
  assert.deepEqual(await violations(page), []);
  const [{ received_bytes: received }] = await until('the server knows it', async () => {
    const open = await uploads();
    return open[0]?.received_bytes > 0 && open;
  });
  await page.getByRole('link', { name: 'climate' }).click();
  const dock = page.getByRole('complementary', { name: 'Upload' });
  await dock.getByText('Paused', { exact: true }).waitFor();
  await page.getByRole('heading', { level: 1, name: 'climate' }).waitFor();
  assert.deepEqual(await violations(page), []);
  await dock.getByRole('link').click();
  await button(page, 'Go on').click();
  await arrived(page, 'paused', '1');
  assert.ok(received < 1_081_344, 'it was paused on the way');
});

test('after a reload the same file is known again, and another one is not taken for it', async () => {
  const page = await browser.visitor({ as: amy });
  await begin(page, 'reloaded', '1');
  await button(page, 'Pause').click();
  await page.reload();
  const row = page.getByRole('listitem').filter({ hasText: 'reloaded:1' });
  await row.getByText('full.sif').waitFor();
  assert.deepEqual(await violations(page), []);
  await row.getByLabel(/Choose the file/).setInputFiles(sample('arm64'));
  await page.getByText(/This is another file/).waitFor();
  await page.getByLabel(/image file/).setInputFiles(sample('full'));
  await page.getByText(/% of this file is here already/).waitFor();
  assert.deepEqual(await violations(page), []);
  await button(page, 'Go on with it').click();
  await arrived(page, 'reloaded', '1');
});

test('an upload goes on by itself when the server comes back', async () => {
  const page = await browser.visitor({ as: amy });
  await begin(page, 'cut', '1');
  await server.kill();
  await page.getByText('The connection was cut.').waitFor();
  await button(page, 'Try now').waitFor();
  await server.launch();
  await arrived(page, 'cut', '1');
});

test('when the session ends, one signs in again and goes on', async () => {
  const page = await browser.visitor({ as: amy });
  await begin(page, 'expired', '1');
  await button(page, 'Pause').click();
  await page.context().clearCookies();
  await button(page, 'Go on').click();
  await page.getByText('Your session has ended.').waitFor();
  assert.deepEqual(await violations(page), []);
  await page.context().request.post('/api/v1/login/local', { data: amy });
  await button(page, 'Go on').click();
  await arrived(page, 'expired', '1');
});

test('bytes of two files never become one image', async () => {
  const page = await browser.visitor({ as: amy });
  await begin(page, 'mixed', '1');
  await button(page, 'Pause').click();
  // Another browser knows the size alone.
  const other = await browser.visitor({ as: amy });
  const bytes = await readFile(sample('full'));
  bytes[100_000] ^= 1;
  const changed = join(await tempDir(atEnd), 'full.sif');
  await writeFile(changed, bytes);
  await until('some of the first file has arrived', async () => (await uploads())[0]?.received_bytes > 100_001);
  await other.goto(PAGE);
  await other.getByRole('listitem').filter({ hasText: 'mixed:1' }).getByLabel(/Choose the file/).setInputFiles(changed);
  await other.getByText(/What arrived is not what this file holds/).waitFor();
  await assert.rejects(image('mixed', '1'), { status: 404 });
  await button(other, 'Begin again').click();
  await arrived(other, 'mixed', '1', await sha256(changed));
});

test('a frozen tag is told at once', async () => {
  await server.api('PUT', '/collections/climate/containers/ocean/tags/1.0?arch=amd64', { token, body: { frozen: true } });
  const page = await browser.visitor({ as: amy });
  await prepare(page, sample('tiny'), 'ocean', '1.0');
  await button(page, 'Upload').click();
  await page.getByRole('alert').getByText(/frozen/).waitFor();
  assert.deepEqual(await violations(page), []);
  await button(page, 'Give up…').click();
  await button(page, 'Give it up').click();
  await page.getByLabel('Container', { exact: true }).waitFor();
});

test('what is given up is gone on the server', async () => {
  const page = await browser.visitor({ as: amy });
  await begin(page, 'given-up', '1');
  await button(page, 'Give up…').click();
  await button(page, 'Give it up').click();
  await page.getByLabel('Container', { exact: true }).waitFor();
  await until('nothing is left', async () => (await uploads()).length === 0);
});

test('all of it works with the keyboard, and nothing jumps', async () => {
  const page = await browser.visitor({ as: amy });
  await page.addInitScript(() => {
    window.jumps = [];
    const told = ({ node, previousRect: from, currentRect: to }) => `${node?.outerHTML?.slice(0, 80)} from ${from.x},${from.y} to ${to.x},${to.y}`;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.jumps.push(...entry.sources.map(told));
    }).observe({ type: 'layout-shift', buffered: true });
  });
  // Listened for before the page is there: the browser begins to tell of choosers some time after it was asked to.
  const chooser = page.waitForEvent('filechooser');
  const learnt = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/v1/uploads');
  await page.goto(PAGE);
  const input = page.getByLabel(/image file/);
  await input.focus();
  await (await learnt).finished();
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'file', 'what the page learns late takes the focus from nobody');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles(sample('tiny'));
  await page.getByText('40.0 KiB').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.type('typed');
  await page.keyboard.press('Enter');
  await page.getByText('the registry has verified every byte').waitFor();
  const container = await page.getByRole('heading', { level: 2 }).innerText();
  assert.match(container, /typed/);
  assert.deepEqual(await page.evaluate(() => window.jumps), []);
});
