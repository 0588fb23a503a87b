// Folders, waiting and tidying up: what every end-to-end test needs and no test should write again.
import { after } from 'node:test';

export { tempDir, until } from './wait.mjs';

const tidying = [];
after(async () => {
  for (const action of tidying.reverse()) await action();
});

/** Has `action` run when all tests of the file have ended, the last one registered first. */
export const atEnd = (action) => tidying.push(action);
