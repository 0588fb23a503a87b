// People and content for tests that need some, by the same doors that everybody uses.
import { sample } from './apptainer.mjs';
import { Library } from './library.mjs';

export const PASSWORD = 'correct horse battery';

/** Makes local accounts with PASSWORD that have accepted the terms; returns `{ username, password }` of each. */
export async function people(server, ...names) {
  const token = await server.user('root', '--superuser');
  for (const username of names) {
    await server.api('POST', '/users', { token, body: { username, password: PASSWORD } });
    const { version } = await server.api('GET', '/terms');
    await server.api('POST', '/terms', { token: await server.user(username), body: { version } });
  }
  return names.map((username) => ({ username, password: PASSWORD }));
}

/** A collection of `owner` with two containers in several versions, and an empty one. */
export async function content(server, owner) {
  const token = await server.user(owner);
  await server.api('POST', '/collections', {
    token,
    body: { name: 'climate', description: 'Models and tools of the climate group' },
  });
  await server.api('POST', '/collections', { token, body: { name: 'empty' } });
  await server.api('POST', '/collections', { token, body: { name: 'secret', description: 'Not for strangers', private: true } });
  const library = new Library(server.url, token);
  await library.push(sample('full'), `${owner}/climate/ocean:1.0`);
  await library.push(sample('tiny'), `${owner}/climate/ocean:0.9`);
  await library.push(sample('arm64'), `${owner}/climate/ocean:1.0`, 'arm64');
  await library.push(sample('tiny'), `${owner}/climate/weather:latest`);
  await library.push(sample('tiny'), `${owner}/secret/plan:1`);
  return token;
}

/** What the treemap asks for, of a registry with so many collections, each with as many containers. */
export function manyContainers(groups, each) {
  const collections = Array.from({ length: groups }, (_, group) => {
    const names = Array.from({ length: each }, (_, item) => `container-${item}`);
    const sizes = names.map((_, item) => 1_000_000 + ((group * 7919 + item * 104_729) % 900_000_000));
    return {
      name: `collection-${group}`, containers: each, downloads: each, names, sizes,
      counts: names.map(() => 1), size_bytes: sizes.reduce((sum, size) => sum + size, 0),
    };
  });
  return { level: 'containers', containers: groups * each, collections };
}
