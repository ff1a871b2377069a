/**
 * `npm run bench [-- name…] [--write]`: measures what was promised, and prints a table, row by row. What takes long is
 * measured where it is named alone.
 * With `--write` the table goes to docs/benchmarks.md as well. Ends with 1 where a target is surely missed.
 * `npm run bench -- cold-start --steps` says what a cold start is made of instead.
 */
import { parseArgs } from 'node:util';
import { FAULTS } from '../core/errors.ts';
import { type Finding, rowsOf, TABLE_HEAD, verdictOf } from './measure/findings.ts';
import { writeDown } from './measure/write-down.ts';
import { measureBacklog } from './questions/backlog.ts';
import { measureColdStart } from './questions/cold-start.ts';
import { measureSteps, writeSteps } from './questions/cold-start-steps.ts';
import { measureCompileCache } from './questions/compile-cache.ts';
import { measureConcurrent } from './questions/concurrent.ts';
import { measureConsole } from './questions/console.ts';
import { measureDeferral } from './questions/deferral.ts';
import { measureDrain } from './questions/drain.ts';
import { measureDrainSimulation } from './questions/drain-simulation.ts';
import { measureImage } from './questions/image.ts';
import { measureInvocations } from './questions/invocations.ts';
import { measureMemory } from './questions/memory.ts';
import { measureProxy } from './questions/proxy.ts';
import { measureRecurring } from './questions/recurring.ts';
import { measureReplay } from './questions/replay.ts';
import { measureWrap } from './questions/wrap.ts';

/** One question each, in the order of the table. */
const QUESTIONS: Readonly<Record<string, () => Promise<Finding[]>>> = {
  invocations: measureInvocations,
  wrap: measureWrap,
  'cold-start': measureColdStart,
  memory: measureMemory,
  deferral: measureDeferral,
  recurring: measureRecurring,
  concurrent: measureConcurrent,
  'compile-cache': measureCompileCache,
  replay: measureReplay,
  backlog: measureBacklog,
  proxy: measureProxy,
  image: measureImage,
};
/** Minutes to a quarter of an hour each, over a million events, which take some GB of memory. */
const LONG_QUESTIONS: typeof QUESTIONS = {
  console: measureConsole,
  drain: measureDrain,
  'drain-simulation': measureDrainSimulation,
};
const ALL_QUESTIONS = { ...QUESTIONS, ...LONG_QUESTIONS };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean' }, steps: { type: 'boolean' } },
});
if (values.steps) {
  if (positionals.join() !== 'cold-start') {
    console.error('--steps is for  cold-start  alone.');
    process.exit(FAULTS['MaintenanceWindow.Usage'].exitCode);
  }
  console.log(writeSteps(await measureSteps()));
  process.exit();
}
const unknown = positionals.filter((name) => !(name in ALL_QUESTIONS));
if (values.write && positionals.length > 0) {
  console.error('--write writes the whole table down: name no benchmark with it.');
  process.exit(FAULTS['MaintenanceWindow.Usage'].exitCode);
}
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(', ')}: write one of ${Object.keys(ALL_QUESTIONS).join(', ')}, or nothing for all but ${Object.keys(LONG_QUESTIONS).join(', ')}.`,
  );
  process.exit(FAULTS['MaintenanceWindow.Usage'].exitCode);
}

const findings: Finding[] = [];
const unmeasured: string[] = [];
console.log(TABLE_HEAD);
for (const [name, measure] of Object.entries(ALL_QUESTIONS)) {
  if (positionals.length > 0 ? !positionals.includes(name) : name in LONG_QUESTIONS) continue;
  try {
    const found = await measure();
    console.log(rowsOf(found));
    findings.push(...found);
  } catch (error) {
    // the others took their minutes, and are worth as much
    unmeasured.push(name);
    console.error(`${name} could not be measured: ${error}`);
  }
}
if (values.write && unmeasured.length === 0) writeDown(`${TABLE_HEAD}\n${rowsOf(findings)}`);
else if (values.write)
  console.error(`The table was not written down: ${unmeasured.join(', ')} would be missing in it.`);
process.exitCode = unmeasured.length > 0 || findings.some((finding) => verdictOf(finding) === 'missed') ? 1 : 0;
