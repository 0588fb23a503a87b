// What is no SIF, on the pages: an ordinary image, a file, an index; and that the commands shown do what they say.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { sample, sha256 } from '../lib/apptainer.mjs';
import { Browser, violations } from '../lib/browser.mjs';
import { Library } from '../lib/library.mjs';
import { OciClient } from '../lib/oci.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd, tempDir } from '../lib/temp.mjs';

const run = promisify(execFile);
const ORAS = join(process.env.SREGISTRY_E2E_LAB, 'oras/usr/bin');

let server, browser, amy, made;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  const token = await server.user('amy');
  amy = await OciClient.at(atEnd, server.url, { user: 'amy', token });
  await new Library(server.url, token).push(sample('full'), 'amy/tools/mixed:sif');
  made = await amy.image();
  await amy.skopeo('copy', '--dest-tls-verify=false', `oci:${made.dir}`, `docker://${amy.ref('tools/mixed:docker')}`);
  await writeFile(join(amy.dir, 'notes.txt'), 'all well');
  await amy.oras('push', '--plain-http', '--artifact-type', 'text/x-notes', '--annotation', 'org.example.author=Amy <b>Able</b>', amy.ref('tools/mixed:notes'), 'notes.txt:text/plain');
  await new Library(server.url, token).push(sample('tiny'), 'amy/tools/several:1');
  await new Library(server.url, token).push(sample('arm64'), 'amy/tools/several:1', 'arm64');
});

const clients = (page) => page.getByRole('group', { name: 'Client' }).getByRole('button').allInnerTexts();

/** Chooses a client and copies its command. */
async function command(page, client) {
  await page.getByRole('group', { name: 'Client' }).getByRole('button', { name: client, exact: true }).click();
  await page.getByRole('button', { name: 'Copy the pull command' }).click();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Runs what was copied as a person would; returns the folder in which it ran. */
async function paste(text) {
  const cwd = await tempDir(atEnd);
  const env = { ...process.env, HOME: cwd, PATH: `${ORAS}:${process.env.PATH}` };
  for (const line of text.split('\n')) await run('sh', ['-ec', line], { cwd, env });
  return cwd;
}

test('an ordinary image says what it is, what it is made of, and which clients take it', async () => {
  const page = await browser.visitor();
  await page.goto('/containers/tools/mixed:docker');
  const main = page.getByRole('main');
  await main.getByText('This is no SIF file').waitFor();
  await main.getByText('OCI image').first().waitFor();
  await main.getByText('application/vnd.oci.image.config.v1+json').waitFor();
  await page.getByRole('cell', { name: /vnd.oci.image.layer/ }).or(page.getByRole('rowheader', { name: /vnd.oci.image.layer/ })).waitFor();
  assert.deepEqual(await clients(page), ['singularity', 'apptainer', 'oras', 'skopeo', 'docker', 'curl']);
  for (const name of ['Download', 'Signatures']) assert.equal(await main.getByRole('link', { name }).count(), 0, name);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(page.problems, []);
});

test('the commands for an ordinary image bring it, byte for byte', async () => {
  const page = await browser.visitor();
  await page.goto('/containers/tools/mixed:docker');
  const cwd = await paste(await command(page, 'curl'));
  assert.equal(`sha256:${await sha256(join(cwd, 'mixed_docker.json'))}`, made.digest);
  // The client asks for a rule of trust first; on a person's machine there is one.
  const copied = (await command(page, 'skopeo')).replace('skopeo', 'skopeo --insecure-policy');
  const index = JSON.parse(await readFile(join(await paste(copied), 'mixed/index.json'), 'utf8'));
  assert.equal(index.manifests[0].digest, made.digest);
  assert.equal(await command(page, 'docker'), `docker pull ${new URL(server.url).host}/tools/mixed:docker`);
  assert.match(await command(page, 'apptainer'), /^apptainer pull --no-https docker:\/\//);
});

test('a file is shown with its annotations and pulled with oras', async () => {
  const page = await browser.visitor();
  await page.goto('/containers/tools/mixed:notes');
  await page.getByText('OCI artefact').first().waitFor();
  await page.getByText('notes.txt').waitFor();
  await page.getByRole('link', { name: 'Annotations' }).click();
  await page.getByText('Amy <b>Able</b>').waitFor();
  assert.deepEqual(await clients(page), ['oras', 'skopeo', 'curl']);
  const cwd = await paste(await command(page, 'oras'));
  assert.equal(await readFile(join(cwd, 'notes.txt'), 'utf8'), 'all well');
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(page.problems, []);
});

test('a SIF file has a command for OCI clients too, also for one of several architectures', async () => {
  const page = await browser.visitor();
  await page.goto('/containers/tools/mixed:sif');
  await page.getByText('library://tools/mixed:sif').first().waitFor();
  const all = await clients(page);
  for (const client of ['oras://', 'sregistry', 'oras', 'curl']) assert.ok(all.includes(client), client);
  assert.equal(await command(page, 'oras://'), `apptainer pull --no-https oras://${new URL(server.url).host}/tools/mixed:sif`);
  assert.equal(await sha256(join(await paste(await command(page, 'oras')), 'mixed.sif')), await sha256(sample('full')));

  await page.goto('/containers/tools/several:1?arch=arm64');
  await page.getByText('--arch arm64').or(page.getByText('--platform linux/arm64')).first().waitFor();
  assert.ok(!(await clients(page)).includes('oras://'), 'it would take what fits the machine');
  const cwd = await paste(await command(page, 'oras'));
  assert.equal(await sha256(join(cwd, 'several.sif')), await sha256(sample('arm64')));
});

test('a list marks what is no SIF and copies an address that its clients know', async () => {
  const page = await browser.visitor();
  await page.goto('/containers/tools/mixed?tab=versions');
  const version = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'docker', exact: true }) });
  await version.getByText('OCI').waitFor();
  await page.goto('/collections/tools');
  const row = page.getByRole('row').filter({ hasText: 'mixed' });
  await row.getByText('OCI').waitFor();
  await row.getByRole('button', { name: /^Copy the address/ }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${new URL(server.url).host}/tools/mixed:notes`);
  assert.deepEqual(await violations(page), []);
});

const shown = (words) => (page) => page.getByText(words).first().waitFor();

for (const [name, path, words] of [
  ['oci-image', '/containers/tools/mixed:docker', 'This is no SIF file'],
  ['oci-artefact', '/containers/tools/mixed:notes?tab=annotations', 'org.example.author'],
  ['oci-versions', '/containers/tools/mixed?tab=versions', 'OCI'],
  ['oci-collection', '/collections/tools', 'mixed'],
]) {
  test(`the page ${name} is sound in every look`, () => browser.inspect(name, path, shown(words)));
}
