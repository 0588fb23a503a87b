// Robots as owners and administrators handle them: made, given tokens that work, disabled, ended.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Client, sample } from '../lib/apptainer.mjs';
import { Browser, violations } from '../lib/browser.mjs';
import { people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';
import { until } from '../lib/wait.mjs';

let server, browser, page, amy, ben, boss, token, secret;

const notice = (text, on = page) => on.locator('.toasts').getByText(text).waitFor();
const row = (name, on = page) => on.getByRole('row').filter({ hasText: name });
const statusOf = async (secret) =>
  (await fetch(`${server.url}/api/v1/collections`, { headers: { authorization: `Bearer ${secret}` } })).status;

async function copied(on = page) {
  await on.getByRole('button', { name: 'Copy the token' }).click();
  await on.getByText('Copied').first().waitFor({ state: 'attached' });
  return on.evaluate(() => navigator.clipboard.readText());
}

/** Opens the menu of the robot's page and presses an entry. */
async function act(entry, on = page) {
  await on.getByLabel('Actions for this robot').click();
  await on.getByRole('button', { name: entry }).click();
}

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy, ben, boss] = await people(server, 'amy', 'ben', 'boss');
  const root = await server.user('root');
  await server.api('PATCH', '/users/boss', { token: root, body: { role: 'admin' } });
  token = await server.user('amy');
  for (const name of ['climate', 'ocean']) await server.api('POST', '/collections', { token, body: { name } });
  page = await browser.visitor({ as: amy });
});

test('an owner makes a robot; what is wrong is told beside its field', async () => {
  await page.goto('/collections/climate/settings');
  await page.getByRole('link', { name: 'Robots' }).click();
  await page.getByText('No robots yet').waitFor();
  await page.getByRole('button', { name: 'New robot' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Night Ly');
  await dialog.getByRole('button', { name: 'Create the robot' }).click();
  await dialog.locator('#robot-name-note').getByText(/lower case|letters/i).waitFor();
  assert.deepEqual(await violations(page), []);
  await dialog.getByLabel('Name').fill('nightly');
  await dialog.getByLabel('Description').fill('Builds the models at night');
  await dialog.getByRole('button', { name: 'Create the robot' }).click();
  await notice(/robot-nightly is there/);
  await page.waitForURL(/\/robots\/robot-nightly$/);
  await page.getByText('Builds the models at night').waitFor();
});

test('a token of the robot is shown once, and a real client pushes with it', async (t) => {
  await page.getByLabel('Name').fill('build machine');
  assert.equal(await page.getByLabel('What it may do').locator('option', { hasText: 'Admin' }).count(), 0);
  await page.getByLabel('What it may do').selectOption('push');
  await page.getByLabel('Works for').selectOption('90');
  await page.getByRole('button', { name: 'Create the token' }).click();
  await notice('Token “build machine” made.');
  secret = await copied();
  assert.ok(!(await page.locator('main').innerText()).includes(secret));
  await row('build machine').getByText('never').first().waitFor();
  assert.deepEqual(await violations(page), []);
  const client = await Client.at(t.after.bind(t), server.url, secret);
  await client.push(sample('tiny'), 'library://amy/climate/tiny:1');
  const used = async () => (await server.api('GET', '/robots/robot-nightly/tokens', { token })).items[0].last_used_at;
  await until('the server remembers that the token was used', used);
  await page.reload();
  await row('build machine').getByText(/just now|minute/).nth(1).waitFor();
  assert.ok(!(await page.locator('main').innerText()).includes(secret));
});

test('the robot works in its collection alone', async () => {
  const answer = await fetch(`${server.url}/api/v1/collections/ocean`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ description: 'mine' }),
  });
  assert.equal(answer.status, 403);
});

test('rotating gives a new secret, and the old one is dead at once', async () => {
  await page.getByRole('button', { name: 'Rotate build machine' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
  await notice('Token “build machine” has a new secret.');
  const old = secret;
  secret = await copied();
  assert.equal(await statusOf(old), 401);
  assert.equal(await statusOf(secret), 200);
  await page.getByRole('button', { name: 'Done' }).click();
});

test('a disabled robot is refused, and an enabled one works again', async () => {
  await act('Disable');
  await notice(/robot-nightly is disabled/);
  await page.getByText('none of its tokens works').waitFor();
  assert.equal(await statusOf(secret), 401);
  assert.deepEqual(await violations(page), []);
  await act('Enable');
  await notice('robot-nightly works again.');
  assert.equal(await statusOf(secret), 200);
});

test('a token is revoked', async () => {
  await page.getByRole('button', { name: 'Revoke build machine' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await notice('Token “build machine” revoked.');
  await row('build machine').waitFor({ state: 'detached' });
  assert.equal(await statusOf(secret), 401);
});

test('a robot is described', async () => {
  await act('Describe…');
  await page.getByRole('dialog').getByLabel('Description').fill('Builds <b>everything</b>');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await notice('Robot saved.');
  await page.getByText('Builds <b>everything</b>').waitFor();
});

test('others are told that the robot is not there', async () => {
  const visitor = await browser.visitor({ as: ben });
  await visitor.goto('/robots/robot-nightly');
  await visitor.getByText('Not found').first().waitFor();
  await visitor.goto('/robots');
  await visitor.getByText('No robots here').waitFor();
  assert.equal(await visitor.getByRole('button', { name: 'New robot' }).count(), 0);
});

test('an administrator makes a robot that works in several collections', async () => {
  const admin = await browser.visitor({ as: boss });
  await admin.goto('/');
  await admin.getByRole('banner').locator('summary', { hasText: 'boss' }).click();
  await admin.getByRole('link', { name: 'Robots' }).click();
  await row('robot-nightly', admin).getByRole('link', { name: 'climate' }).waitFor();
  await admin.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Limits' }).waitFor();
  await admin.getByRole('button', { name: 'New robot' }).click();
  const dialog = admin.getByRole('dialog');
  await dialog.getByLabel('Name').fill('mirror');
  await dialog.getByLabel('Collections that it works in').fill('climate, nosuchthing');
  await dialog.getByRole('button', { name: 'Create the robot' }).click();
  await dialog.locator('.form-problem, #robot-collections-note').getByText(/not found/i).first().waitFor();
  await dialog.getByLabel('Collections that it works in').fill('climate, ocean');
  await dialog.getByRole('button', { name: 'Create the robot' }).click();
  await admin.waitForURL(/\/robots\/robot-mirror$/);
  await admin.getByText('climate, ocean').waitFor();

  await page.goto('/collections/climate/settings?part=robots');
  await row('robot-mirror').getByText('the administrators').waitFor();
  assert.equal(await row('robot-mirror').getByRole('link').count(), 0);
});

test('whose collection was taken away meanwhile cannot make a token', async () => {
  await page.goto('/robots/robot-nightly');
  await page.getByLabel('Name').fill('too late');
  await server.api('PUT', '/collections/climate/members/ben', { token: await server.user('root'), body: { role: 'owner' } });
  await server.api('DELETE', '/collections/climate/members/amy', { token: await server.user('root') });
  await page.getByRole('button', { name: 'Create the token' }).click();
  await page.getByRole('alert').getByText(/not found|may not/i).first().waitFor();
  await server.api('PUT', '/collections/climate/members/amy', { token: await server.user('root'), body: { role: 'owner' } });
});

test('the pages are sound in every look', async () => {
  await server.api('POST', '/robots/robot-nightly/tokens', { token: await server.user('root'), body: { name: 'night', expires_in_days: 30 } });
  const looks = [
    ['admin-robots', '/admin/robots', (look) => row('robot-nightly', look).filter({ hasText: 'push' }).getByText(/^in \d+ \w+$/).waitFor(), boss],
    ['robots', '/robots', (look) => row('robot-nightly', look).waitFor(), amy],
    ['robots-none', '/robots?q=nosuchthing', (look) => look.getByText('No robots here').waitFor(), boss],
    ['collection-robots', '/collections/climate/settings?part=robots', (look) => row('robot-mirror', look).waitFor(), amy],
    ['robot', '/robots/robot-nightly', (look) => row('night', look).first().waitFor(), amy],
  ];
  for (const [name, at, ready, as] of looks) await browser.inspect(name, at, ready, { as });
});

test('a robot ends when its name is typed', async () => {
  await page.goto('/robots/robot-nightly');
  await act('Delete the robot…');
  const dialog = page.getByRole('dialog');
  assert.ok(await dialog.getByRole('button', { name: 'Delete the robot' }).isDisabled());
  await dialog.getByLabel(/to confirm/).fill('robot-nightly');
  await dialog.getByRole('button', { name: 'Delete the robot' }).click();
  await notice('robot-nightly deleted.');
  await page.waitForURL(/\/collections\/climate\/settings\?part=robots$/);
  await row('robot-nightly').waitFor({ state: 'detached' });
});
