// A certified OpenID Connect provider with people of its own: any name signs in with any password.
import { once } from 'node:events';
import Provider from 'oidc-provider';
import { freePort } from './server.mjs';

/** The registry, as the provider knows it. */
export const CLIENT = { id: 'registry', secret: 'secret of the registry' };

/**
 * Starts one that sends browsers back to `callback`; returns its address. A `watch` is told when it begins to work on a request and when
 * it has answered.
 */
export async function startProvider(after, callback, watch) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [callback],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    cookies: { keys: ['for tests only'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.org`,
        email_verified: true,
        name: `${id[0].toUpperCase()}${id.slice(1)} of the institute`,
        preferred_username: id,
      }),
    }),
  });
  if (watch) {
    provider.use(async (_, next) => {
      watch.begin();
      try {
        await next();
      } finally {
        watch.end();
      }
    });
  }
  const server = provider.listen(port, '127.0.0.1');
  await once(server, 'listening');
  after(() => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  }));
  return issuer;
}

/**
 * One step of a browser without pages: asks for an address, or posts a form there, with the cookies of a site.
 * Returns where that leads, or the text of the page.
 */
export async function visit(address, cookies, form) {
  const jar = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const answer = await fetch(address, {
    redirect: 'manual',
    headers: jar ? { cookie: jar } : {},
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
  });
  for (const cookie of answer.headers.getSetCookie()) {
    const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
    if (value) cookies.set(name, value);
    else cookies.delete(name);
  }
  const text = await answer.text();
  return { location: answer.headers.get('location'), text };
}
