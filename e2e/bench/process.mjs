// What a process costs, as the kernel counts it.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const TICKS = Number(execFileSync('getconf', ['CLK_TCK']));

/** The process and everything that it started. */
function family(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(family)];
}

/** CPU seconds, user and system, that the process and its children have used so far. */
export function cpuSeconds(pid) {
  const of = (one) => {
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  };
  return family(pid).reduce((sum, one) => sum + of(one), 0);
}

function status(pid, field) {
  return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))[1]) / 1024;
}

/** Resident memory in MiB now. */
export const residentMib = (pid) => status(pid, 'VmRSS');

/** Forgets the peak so far, so that `peakMib` tells the peak from here on. */
export const resetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** The peak of resident memory in MiB. */
export const peakMib = (pid) => status(pid, 'VmHWM');

/** Runs `action` and tells its wall time and what `pid` spent on it. */
export async function measure(pid, action) {
  const cpu = cpuSeconds(pid);
  const start = performance.now();
  await action();
  return { seconds: (performance.now() - start) / 1000, cpu: cpuSeconds(pid) - cpu };
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
