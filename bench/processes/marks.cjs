/**
 * Loaded into a client before anything else (`--require`): writes down when it comes to each step of a start, by the
 * clock that all processes share. Not in what is timed: the marks themselves take time.
 */
const { openSync, writeSync } = require('node:fs');
const { Script } = require('node:vm');

const file = openSync(process.env.BENCH_MARKS, 'a');
const seen = new Set();

function mark(step) {
  const at = process.hrtime.bigint();
  if (!seen.has(step)) writeSync(file, `${step}\t${at}\n`);
  seen.add(step);
}

/** Calls a function as it was, and marks that it begins or is done. */
function marked(owner, name, begins, done) {
  const { [name]: original } = owner;
  owner[name] = function (...values) {
    const begun = begins(...values);
    if (begun) mark(begun);
    const result = Reflect.apply(original, this, values);
    const ended = done(...values);
    if (ended) mark(ended);
    return result;
  };
}

const none = () => undefined;
marked(
  process,
  'getBuiltinModule',
  (name) => (name === 'node:vm' ? 'the gate’s file begins' : undefined),
  (name) => (['node:crypto', 'node:tls'].includes(name) ? `${name} is loaded` : undefined),
);
marked(Script.prototype, 'runInContext', () => 'the gate is compiled', none);
marked(process, 'dlopen', none, (_, name) => `${name.split('/').at(-1)} is loaded`);
mark('Node is there');
