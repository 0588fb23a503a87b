// Prints the figures of this server beside its peers': each line says what was measured, what was found,
// and the goal. Peers run on the same machine, in the same run, turn by turn.
import * as parts from './parts.mjs';

const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : Object.keys(parts);
const cleanUps = [];
const after = (action) => cleanUps.push(action);

let failed = 0;
const print = ({ what, found, goal, good }) => {
  const mark = good === undefined ? '     ' : good ? 'ok   ' : 'MISS ';
  if (good === false) failed += 1;
  console.log(`${mark}${what.padEnd(52)} ${found}${goal ? `   (goal: ${goal})` : ''}`);
};

try {
  for (const name of names) {
    console.log(`\n${name}`);
    await parts[name](after, print);
    for (const action of cleanUps.splice(0).reverse()) await action();
  }
} finally {
  for (const action of cleanUps.splice(0).reverse()) await action();
}
console.log(failed === 0 ? '\nevery goal is met' : `\n${failed} goals are missed`);
process.exitCode = failed === 0 ? 0 : 1;
