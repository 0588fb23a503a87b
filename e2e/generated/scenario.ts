// What a program of a user does, with the TypeScript client that was generated from the document.
// usage: scenario URL TOKEN      (amy/tools/demo:1.0 has been pushed)
import {
  CollectionsApi,
  Configuration,
  ErrorCode,
  ImageState,
  ImagesApi,
  Problem,
  ProblemFromJSON,
  ResponseError,
  Scope,
  SortOrder,
  TokensApi,
} from './client';

declare const process: { argv: string[]; exitCode: number };

function check(holds: boolean, what: unknown): asserts holds {
  if (!holds) throw new Error(`does not hold: ${JSON.stringify(what)}`);
}

/** The words of the server where a call must fail. */
async function problem(call: Promise<unknown>): Promise<Problem> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ResponseError) return ProblemFromJSON(await error.response.json());
    throw error;
  }
  throw new Error('this call must fail');
}

async function main(basePath: string, accessToken: string): Promise<void> {
  const configuration = new Configuration({ basePath, accessToken });
  const collections = new CollectionsApi(configuration);
  const images = new ImagesApi(configuration);
  const tokens = new TokensApi(configuration);

  const newCollection = { name: 'from-typescript', description: 'Made by a program' };
  const made = await collections.createCollection({ newCollection });
  check(made.name === 'from-typescript' && made.owners[0] === 'amy' && made.rights.manage, made);
  check(made.createdAt instanceof Date, made.createdAt);
  const again = await problem(collections.createCollection({ newCollection }));
  check(again.code === ErrorCode.NameTaken, again);

  const issued = await tokens.createToken({ newToken: { name: 'cluster', scope: Scope.Pull } });
  check(issued.secret.length >= 200 && issued.token.scope === Scope.Pull, issued.token);
  const other = new CollectionsApi(new Configuration({ basePath, accessToken: issued.secret }));
  const refused = await problem(other.deleteCollection({ collection: 'from-typescript' }));
  check(refused.code === ErrorCode.Forbidden, refused);

  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await collections.listCollections({ sort: SortOrder.Name, limit: 1, cursor });
    names.push(...page.items.map((item) => item.name));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  check(names.includes('from-typescript') && names.includes('tools'), names);

  const at = { collection: 'tools', container: 'demo', reference: '1.0' };
  const detail = await images.getImage(at);
  check(detail.image.state === ImageState.Ready && detail.image.tags[0] === '1.0', detail.image);
  check(detail.metadata != null && detail.metadata.objects.length > 0, detail.metadata);
  const file = await images.downloadImage(at);
  check(file.size === detail.image.sizeBytes, file.size);

  const collection = 'from-typescript';
  const changed = await collections.changeCollection({ collection, collectionChange: { _private: true } });
  check(changed.collection._private, changed);
  await collections.deleteCollection({ collection });
  const gone = await problem(collections.getCollection({ collection }));
  check(gone.code === ErrorCode.CollectionNotFound, gone);
  console.log('typescript: done');
}

const [, , url = '', token = ''] = process.argv;
main(url, token).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
