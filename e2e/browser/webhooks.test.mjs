// Webhooks in the settings of a collection: made, tried out, paused, deleted; and the log of who changed what.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd, until } from '../lib/temp.mjs';

let server, browser, amy, ben, boss, receiver, token;
const SETTINGS = '/collections/climate/settings';
const received = [];
let status = 204;

before(async () => {
  receiver = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    received.push({ headers: request.headers, body: Buffer.concat(parts) });
    response.writeHead(status).end();
  });
  await new Promise((done) => receiver.listen(0, '127.0.0.1', done));
  atEnd(() => receiver.close());
  server = await Server.start(atEnd, { env: { SREGISTRY_WEBHOOKS_PRIVATE_NETWORKS: '127.0.0.0/8' } });
  browser = await Browser.launch(atEnd, server);
  [amy, ben, boss] = await people(server, 'amy', 'ben', 'boss');
  token = await content(server, 'amy');
  await server.api('PATCH', '/users/boss', { token: await server.user('root'), body: { role: 'admin' } });
});

const address = () => `http://127.0.0.1:${receiver.address().port}/hook`;

test('a webhook is made, its secret is shown once, and its messages are signed with it', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto(`${SETTINGS}?part=webhooks`);
  await page.getByText('No webhooks yet').waitFor();
  await page.getByRole('button', { name: 'New webhook' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Address').fill('no address');
  await dialog.getByRole('button', { name: 'Create the webhook' }).click();
  await dialog.getByText(/http/i).last().waitFor();
  await dialog.getByLabel('Address').fill(address());
  await dialog.getByLabel('Something is deleted').uncheck();
  assert.deepEqual(await violations(page), []);
  await dialog.getByRole('button', { name: 'Create the webhook' }).click();
  await page.getByText('It is not shown again.').waitFor();
  await page.getByRole('button', { name: 'Copy the secret' }).click();
  const secret = await page.evaluate(() => navigator.clipboard.readText());
  const hook = page.getByRole('article', { name: /^Webhook to/ });
  await hook.getByText('push, tag, freeze, unfreeze').waitFor();
  await hook.getByRole('button', { name: 'Try it out' }).click();
  const { headers, body } = await until('the message arrives', async () => received[0]);
  const signature = headers['x-sregistry-signature'];
  const time = headers['x-sregistry-timestamp'];
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');
  assert.equal(signature, `v1=${expected}`);
  await until('the page shows the answer', async () => {
    await hook.getByRole('button', { name: 'Look again' }).click();
    return (await hook.innerText()).includes('answered with 204');
  });
  await page.reload();
  await hook.waitFor();
  assert.ok(!(await page.content()).includes(secret), 'the secret is not shown again');
  assert.deepEqual(page.problems.filter((text) => !text.includes('status of 422')), []);
});

test('what happens is told, a failure is shown, and a message is sent again', async () => {
  const page = await browser.visitor({ as: amy });
  status = 500;
  received.length = 0;
  await server.api('PUT', '/collections/climate/containers/ocean/tags/0.9', { token, body: { frozen: true } });
  await until('the message arrives', async () => received[0]);
  assert.equal(JSON.parse(received[0].body).event, 'freeze');
  await page.goto(`${SETTINGS}?part=webhooks`);
  const row = page.getByRole('row').filter({ hasText: 'freeze' }).first();
  await until('the page shows the answer', async () => {
    await page.getByRole('button', { name: 'Look again' }).click();
    return (await row.innerText()).includes('answered with 500');
  });
  status = 204;
  await row.getByRole('button', { name: /^Send again/ }).click();
  await page.getByText('The message is sent again.').waitFor();
  await until('it is taken', async () => {
    await page.getByRole('button', { name: 'Look again' }).click();
    return (await row.innerText()).includes('answered with 204');
  });
});

test('a webhook is paused, goes on, and is deleted after a question', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto(`${SETTINGS}?part=webhooks`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('· paused').waitFor();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the webhook' }).click();
  await page.getByText('No webhooks yet').waitFor();
  assert.deepEqual(page.problems, []);
});

test('owners read who changed what in their collection, narrowed down', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto(`${SETTINGS}?part=audit`);
  const row = page.getByRole('row').filter({ hasText: 'tag.freeze' });
  await row.getByText('climate/ocean:0.9').first().waitFor();
  await page.getByLabel('Did what').fill('webhook.create');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.waitForURL(/action=webhook\.create/);
  await page.getByRole('row').filter({ hasText: 'webhook.create' }).first().waitFor();
  await page.getByRole('row').filter({ hasText: 'tag.freeze' }).first().waitFor({ state: 'detached' });
  await page.getByLabel('Who', { exact: true }).fill('nobody-of-this-name');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByText('No entry fits.').waitFor();
});

test('administrators read the log of the whole registry, with addresses', async () => {
  const page = await browser.visitor({ as: boss });
  await page.goto('/admin/audit');
  await page.getByRole('row').filter({ hasText: 'user.create' }).first().waitFor();
  await page.getByText('127.0.0.1').first().waitFor();
  const stranger = await browser.visitor({ as: ben });
  await stranger.goto('/admin/audit');
  await stranger.getByRole('heading', { level: 1, name: 'Not allowed' }).waitFor();
});

test('webhooks of the whole registry are made by administrators, and told of every collection', async () => {
  const page = await browser.visitor({ as: boss });
  await page.goto('/admin/audit');
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Webhooks' }).click();
  await page.getByText('No webhooks yet').waitFor();
  await page.getByRole('button', { name: 'New webhook' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Address').fill(address());
  await dialog.getByRole('button', { name: 'Create the webhook' }).click();
  await page.getByText('It is not shown again.').waitFor();
  received.length = 0;
  await server.api('PUT', '/collections/secret/containers/plan/tags/1', { token, body: { frozen: true } });
  await until('the message arrives', async () => received[0]);
  const message = JSON.parse(received[0].body);
  assert.equal(message.event, 'freeze');
  assert.match(JSON.stringify(message), /secret/);
  const stranger = await browser.visitor({ as: ben });
  await stranger.goto('/admin/webhooks');
  await stranger.getByRole('heading', { level: 1, name: 'Not allowed' }).waitFor();
  assert.deepEqual(page.problems, []);
});

test('the page admin-webhooks is sound in every look', async () => {
  await browser.inspect('admin-webhooks', '/admin/webhooks', (page) => page.getByText(address()).first().waitFor(), { as: boss });
});

for (const [name, path, ready] of [
  ['collection-webhooks', `${SETTINGS}?part=webhooks`, 'Webhooks'],
  ['collection-audit', `${SETTINGS}?part=audit`, 'webhook.delete'],
]) {
  test(`the page ${name} is sound in every look`, async () => {
    if (name === 'collection-webhooks') {
      const body = { collection: 'climate', url: address() };
      const { webhook } = await server.api('POST', '/webhooks', { token, body });
      await server.api('POST', `/webhooks/${webhook.id}/ping`, { token });
    }
    await browser.inspect(name, path, (page) => page.getByText(ready).first().waitFor(), { as: amy });
  });
}

test('the page admin-audit is sound in every look', async () => {
  await browser.inspect('admin-audit', '/admin/audit', (page) => page.getByText('user.create').first().waitFor(), { as: boss });
});
