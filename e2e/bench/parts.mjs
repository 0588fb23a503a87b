// The measurements, by name; see bench.mjs.
export { transfer } from './transfer.mjs';
export { completion } from './completion.mjs';
export { metadata } from './metadata.mjs';
export { start } from './start.mjs';
export { crowd } from './crowd.mjs';
export { doors } from './doors.mjs';
export { s3 } from './s3.mjs';
export { limits } from './limits.mjs';
export { pages } from './pages.mjs';
