// Teams as people use them: make one, come in by every way, go, invite, run it, end it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, violations } from '../lib/browser.mjs';
import { PASSWORD, people } from '../lib/given.mjs';
import { png } from '../lib/png.mjs';
import { Server } from '../lib/server.mjs';
import { atEnd } from '../lib/temp.mjs';

let server, browser, page, amy, ben, cara, tokens;

const notice = (text, on = page) => on.locator('.toasts').getByText(text).waitFor();
const row = (name, on = page) => on.getByRole('row').filter({ hasText: name });
const team = () => server.api('GET', '/teams/climate-group', { token: tokens.amy });

/** Opens the menu of a person's row and presses an entry. */
async function act(name, entry) {
  await page.getByLabel(`Actions for ${name}`).click();
  await row(name).getByRole('button', { name: entry }).click();
}

/** An invitation made as the API makes it: for what a page does with it. */
const invite = async (body = {}) => {
  const { url, invitation } = await server.api('POST', '/teams/climate-group/invitations', { token: tokens.amy, body });
  return { path: new URL(url).pathname, id: invitation.id };
};

before(async () => {
  server = await Server.start(atEnd);
  browser = await Browser.launch(atEnd, server);
  [amy, ben, cara] = await people(server, 'amy', 'ben', 'cara');
  tokens = {};
  for (const name of ['amy', 'ben', 'cara']) tokens[name] = await server.user(name);
  page = await browser.visitor({ as: amy });
});

test('a team is made; what is wrong is told beside its field', async () => {
  await page.goto('/teams');
  await page.getByText('No teams here').waitFor();
  await page.getByRole('link', { name: 'New team' }).click();
  await page.getByLabel('Name').fill('Climate Group');
  await page.locator('#name-note').getByText(/lower case/i).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.getByLabel('Name').fill('climate-group');
  await page.getByLabel('Description').fill('Everybody who works on the models');
  await page.getByRole('button', { name: 'Create the team' }).click();
  await notice('Team climate-group is there.');
  await page.waitForURL(/\/teams\/climate-group$/);
  await row('amy').getByText('owner').waitFor();
});

test('a name that is taken is told beside the field', async () => {
  await page.goto('/teams/new');
  await page.getByLabel('Name').fill('climate-group');
  await page.getByRole('button', { name: 'Create the team' }).click();
  await page.locator('#name-note, .form-problem').getByText(/in use/).first().waitFor();
});

test('the last owner cannot leave, and reads why', async () => {
  await page.goto('/teams/climate-group');
  await page.getByRole('button', { name: 'Leave' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Leave the team' }).click();
  await dialog.getByRole('alert').getByText(/owner/i).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.deepEqual((await team()).owners, ['amy']);
});

test('an invitation link is shown once, copied, and listed by its note', async () => {
  await page.getByRole('link', { name: 'Invitations' }).click();
  await page.getByLabel(/Note/).fill('for Ben');
  await page.getByLabel('Works for').selectOption('24');
  await page.getByRole('button', { name: 'Make a link' }).click();
  await page.getByText('Here is the link').waitFor();
  await page.getByRole('button', { name: 'Copy the link' }).click();
  await page.getByText('Copied').first().waitFor({ state: 'attached' });
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.startsWith(`${server.url}/invite/`), link);
  const entry = page.getByRole('listitem').filter({ hasText: 'for Ben' });
  await entry.getByText(/in (1 day|23 hours)/).waitFor();
  assert.deepEqual(await violations(page), []);
  await page.reload();
  await entry.waitFor();
  assert.ok(!(await page.locator('main').innerText()).includes(link));
});

test('who is invited signs in first, comes back, and is in', async () => {
  const { path } = await invite();
  const visitor = await browser.visitor();
  await visitor.goto(path);
  await visitor.getByText(/amy.* invites you to the team/).waitFor();
  assert.deepEqual(await violations(visitor), []);
  await visitor.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await visitor.getByLabel('User name').fill('ben');
  await visitor.getByLabel('Password').fill(PASSWORD);
  await visitor.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await visitor.getByRole('button', { name: 'Accept' }).click();
  await notice('You are in team climate-group.', visitor);
  await visitor.waitForURL(/\/teams\/climate-group$/);
  await row('ben', visitor).getByText('member').waitFor();
  assert.equal(await visitor.getByRole('link', { name: 'Settings' }).count(), 0);
  // It worked once.
  await visitor.goto(path);
  await visitor.getByRole('heading', { name: 'This invitation does not work' }).waitFor();
});

test('who is in the team already leaves the link for somebody else', async () => {
  const { path } = await invite();
  const visitor = await browser.visitor({ as: ben });
  await visitor.goto(path);
  await visitor.getByText(/You are in this team already/).waitFor();
  const other = await browser.visitor({ as: cara });
  await other.goto(path);
  await other.getByRole('button', { name: 'Decline' }).click();
  await notice('Invitation declined.', other);
  await other.goto(path);
  await other.getByRole('heading', { name: 'This invitation does not work' }).waitFor();
  assert.equal((await team()).members, 2);
});

test('an invitation that is revoked while it is read is refused in words', async () => {
  const { path, id } = await invite({ note: 'for Cara' });
  const visitor = await browser.visitor({ as: cara });
  await visitor.goto(path);
  await visitor.getByRole('button', { name: 'Accept' }).waitFor();
  await page.goto('/teams/climate-group?tab=invitations');
  await page.getByRole('button', { name: 'Revoke: for Cara' }).click();
  await notice('Invitation revoked.');
  await page.getByRole('listitem').filter({ hasText: 'for Cara' }).waitFor({ state: 'detached' });
  assert.ok(!(await server.api('GET', '/teams/climate-group/invitations', { token: tokens.amy })).items.some((one) => one.id === id));
  await visitor.getByRole('button', { name: 'Accept' }).click();
  await visitor.getByRole('alert').getByText(/does not work/).waitFor();
  await browser.inspect('invitation-over', path, (look) => look.getByRole('heading', { name: /does not work/ }).waitFor(), { as: cara, expected: [404] });
});

test('somebody asks to come in and takes it back; the owner approves the second time', async () => {
  const visitor = await browser.visitor({ as: cara });
  await visitor.goto('/teams/climate-group');
  await visitor.getByRole('button', { name: 'Ask to join…' }).click();
  await visitor.getByRole('dialog').getByLabel(/What to say/).fill('I have joined the group');
  await visitor.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click();
  await notice('The owners are asked.', visitor);
  await visitor.getByRole('button', { name: 'Take the request back' }).click();
  await notice('Request taken back.', visitor);
  await visitor.getByRole('button', { name: 'Ask to join…' }).click();
  await visitor.getByRole('dialog').getByLabel(/What to say/).fill('<b>Please</b>');
  await visitor.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click();
  await visitor.getByRole('button', { name: 'Take the request back' }).waitFor();

  await page.goto('/teams/climate-group');
  await page.getByText('<b>Please</b>').waitFor();
  await browser.inspect('team-request', '/teams/climate-group', (look) => look.getByText('Who asks to join').waitFor(), { as: amy });
  await page.getByRole('button', { name: 'Approve cara' }).click();
  await notice('cara is in.');
  await row('cara').getByText('member').waitFor();
  await page.getByText('Who asks to join').waitFor({ state: 'detached' });
});

test('a request is declined', async () => {
  await server.api('DELETE', '/teams/climate-group/members/cara', { token: tokens.cara });
  await server.api('POST', '/teams/climate-group/requests', { token: tokens.cara, body: {} });
  await page.reload();
  await page.getByRole('button', { name: 'Decline cara' }).click();
  await notice('cara was declined.');
  assert.equal((await server.api('GET', '/teams/climate-group', { token: tokens.cara })).requested, false);
});

test('an owner makes another, who takes the first one out', async () => {
  await act('ben', 'Make an owner');
  await notice('ben is owner now.');
  await row('ben').getByText('owner').first().waitFor();
  // Rights taken away meanwhile: the page says so, and nothing happens.
  await server.api('PUT', '/teams/climate-group/members/amy', { token: tokens.ben, body: { role: 'member' } });
  await act('ben', 'Take out of the team');
  await page.locator('.toasts').getByText(/may not manage/i).waitFor();
  assert.equal((await team()).members, 2);
  await server.api('PUT', '/teams/climate-group/members/amy', { token: tokens.ben, body: { role: 'owner' } });
  await page.reload();
  await act('ben', 'Take out of the team');
  await notice('ben is out of the team.');
  await row('ben').waitFor({ state: 'detached' });
});

test('settings: description, the way in, a picture, another name', async () => {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByLabel('Description').fill('Climate and weather');
  await page.getByLabel('Way in').selectOption('open');
  await page.getByRole('button', { name: 'Save' }).click();
  await notice('Team saved.');
  await page.getByText('Climate and weather').first().waitFor();

  const choose = (name, mimeType, buffer) => page.setInputFiles('#picture-file', { name, mimeType, buffer });
  await choose('no.png', 'image/png', Buffer.from('this is no picture'));
  await page.getByRole('alert').getByText(/picture|PNG/i).waitFor();
  await choose('red.png', 'image/png', png(64, [215, 38, 61]));
  await notice('Picture saved.');
  await page.waitForFunction(() => document.querySelector('.page-head img')?.naturalWidth === 64);
  await browser.inspect('team-settings', '/teams/climate-group?tab=settings', (look) => look.getByText('Delete this team').waitFor(), { as: amy });
  await page.getByRole('button', { name: 'Remove the picture' }).click();
  await notice('Picture removed.');
  assert.equal((await team()).picture ?? null, null);

  await page.getByLabel('Name').fill('weather-group');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/\/teams\/weather-group$/);
  await page.getByRole('heading', { level: 1, name: 'weather-group' }).waitFor();
  await server.api('PATCH', '/teams/weather-group', { token: tokens.amy, body: { name: 'climate-group' } });
});

test('an open team is joined and left', async () => {
  const visitor = await browser.visitor({ as: cara });
  await visitor.goto('/teams/climate-group');
  await visitor.getByRole('button', { name: 'Join' }).click();
  await notice('You are in.', visitor);
  await row('cara', visitor).getByText('member').waitFor();
  await visitor.getByRole('button', { name: 'Leave' }).click();
  await visitor.getByRole('dialog').getByRole('button', { name: 'Leave the team' }).click();
  await notice('You left the team.', visitor);
  await visitor.getByRole('button', { name: 'Join' }).waitFor();
  assert.deepEqual(visitor.problems, []);
});

test('the list is searched and narrowed, and both live in the address', async () => {
  await server.api('POST', '/teams', { token: tokens.ben, body: { name: 'ocean-group', permission: 'open' } });
  await page.goto('/teams');
  await row('ocean-group').waitFor();
  await page.getByRole('link', { name: 'My teams' }).first().click();
  await page.waitForURL(/filter=mine/);
  await row('ocean-group').waitFor({ state: 'detached' });
  await row('climate-group').getByText('owner').waitFor();
  await page.getByRole('link', { name: 'All teams' }).click();
  await page.getByLabel('Find teams').fill('ocean');
  await page.getByRole('button', { name: 'Find', exact: true }).click();
  await page.waitForURL(/q=ocean/);
  await row('climate-group').waitFor({ state: 'detached' });
  await row('ocean-group').waitFor();
});

test('an administrator adds somebody by name', async () => {
  await server.api('PATCH', '/users/cara', { token: await server.user('root'), body: { role: 'admin' } });
  const admin = await browser.visitor({ as: cara });
  await admin.goto('/teams/climate-group');
  await admin.getByLabel('Add somebody as an administrator').fill('nobody-there');
  await admin.getByRole('button', { name: 'Add', exact: true }).click();
  await admin.getByRole('alert').getByText(/not found/i).waitFor();
  await admin.getByLabel('Add somebody as an administrator').fill('ben');
  await admin.getByRole('button', { name: 'Add', exact: true }).click();
  await notice('ben is in.', admin);
  await row('ben', admin).getByText('member').waitFor();
});

test('the pages are sound in every look', async () => {
  const { path } = await invite();
  const looks = [
    ['teams', '/teams', (look) => look.getByText('climate-group').waitFor(), amy],
    ['teams-none', '/teams?q=nosuchthing', (look) => look.getByText('No teams here').waitFor(), amy],
    ['team-new', '/teams/new', (look) => look.getByLabel('Name').waitFor(), amy],
    ['team', '/teams/climate-group', (look) => row('ben', look).waitFor(), amy],
    ['team-invitations', '/teams/climate-group?tab=invitations', (look) => look.getByText('Without a note').first().waitFor(), amy],
    ['team-stranger', '/teams/climate-group', (look) => look.getByText('Sign in first').waitFor(), undefined],
    ['invitation', path, (look) => look.getByRole('button', { name: 'Accept' }).waitFor(), cara],
    ['invitation-stranger', path, (look) => look.getByText(/this page comes back/).waitFor(), undefined],
  ];
  for (const [name, at, ready, as] of looks) await browser.inspect(name, at, ready, { as });
});

test('a team ends when its name is typed', async () => {
  await page.goto('/teams/climate-group?tab=settings');
  const button = page.getByRole('button', { name: 'Delete the team' });
  await button.waitFor();
  assert.ok(await button.isDisabled());
  await page.getByLabel(/to confirm/).fill('climate-group');
  await button.click();
  await notice('Team climate-group deleted.');
  await page.waitForURL(/\/teams$/);
  await assert.rejects(team(), { status: 404 });
});
