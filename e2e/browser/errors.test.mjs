// What a page says when the server cannot give what was asked for: what happened, what to do, and a way on.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { content, people } from '../lib/given.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, amy;

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy] = await people(server, 'amy');
  await content(server, 'amy');
});

const problem = (status, code, message, headers = {}) => ({
  status,
  headers,
  contentType: 'application/json',
  body: JSON.stringify({ code, message, fields: {}, request_id: '01J8Z3K5V7Q2M4N6P8R0S2T4W6' }),
});

const list = (url) => url.pathname === '/api/v1/collections';

/** Opens the list of collections while its call fails in some way; the page says `title`, then recovers. */
async function recovers(fail, ...words) {
  const page = await browser.visitor();
  await page.route(list, fail);
  await page.goto('/collections');
  for (const word of words) await page.getByRole('main').getByText(word).first().waitFor();
  assert.deepEqual(await violations(page), []);
  await page.unroute(list);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: 'climate' }).waitFor();
}

test('a fault of the server shows the request id, and trying again helps', async () => {
  await recovers((route) => route.fulfill(problem(500, 'internal', 'something went wrong')), 'The registry has a problem', '01J8Z3K5V7Q2M4N6P8R0S2T4W6');
});

test('too many requests say when to come back', async () => {
  await recovers(
    (route) => route.fulfill(problem(429, 'rate_limited', 'too many requests', { 'retry-after': '17' })),
    'Too many requests',
    /17 seconds/,
  );
});

test('a long wait is told in hours', async () => {
  await recovers(
    (route) => route.fulfill(problem(429, 'rate_limited', 'too many requests', { 'retry-after': '7500' })),
    'Too many requests',
    /2 h 5 min/,
  );
});

test('a registry that is being looked after says so', async () => {
  await recovers(
    (route) => route.fulfill(problem(503, 'unavailable', 'the registry is restarting', { 'retry-after': '30' })),
    'Back in a moment',
    /30 seconds/,
  );
});

test('no network is no dead end', async () => {
  await recovers((route) => route.abort(), 'No answer');
});

test('a page of a proxy is not taken for an answer', async () => {
  await recovers((route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }), /status 502/);
});

test('what is not there is told apart from what is not allowed', async () => {
  const page = await browser.visitor({ as: amy });
  for (const path of ['/collections/nosuchthing', '/containers/climate/nosuchthing', '/containers/climate/ocean:nosuchtag']) {
    await page.goto(path);
    await page.getByRole('main').getByText('Not found').first().waitFor();
  }
  await page.goto('/admin/users');
  await page.getByRole('main').getByText(/not allowed|superuser/i).first().waitFor();
  await page.goto('/collections/climate/settings');
  await page.getByRole('button', { name: 'Save', exact: true }).waitFor();
});

test('a change that fails says why and keeps what was typed', async () => {
  const page = await browser.visitor({ as: amy });
  await page.goto('/collections/climate/settings');
  await page.getByLabel('Description').fill('Words that must not be lost');
  await page.route('**/api/v1/collections/climate', (route) =>
    route.request().method() === 'PATCH' ? route.fulfill(problem(503, 'unavailable', 'the registry is restarting')) : route.fallback(),
  );
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('alert').getByText(/the registry is restarting/i).waitFor();
  assert.equal(await page.getByLabel('Description').inputValue(), 'Words that must not be lost');
});
