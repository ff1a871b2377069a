// Handlers that log, and one line that is logged before any invocation.

console.log('logged while the module is loaded');

const circular = { name: 'circular' };
circular.self = circular;

export const everyLevel = async () => {
  for (const level of ['trace', 'debug', 'info', 'log', 'warn', 'error', 'fatal']) console[level](`at ${level}`);
};
export const everyKind = async () => {
  console.log();
  console.log('text', 1, true, null, undefined, 10n, Symbol('s'));
  console.log({ an: { object: [1, 2, { three: { four: { five: 6 } } }] } });
  console.log([1, 'two'], new Map([['k', 'v']]), new Set([1]), new Date(0));
  console.log('%s is %d years and %i, %j %o %%', 'Ada', 36.5, 36.5, { a: 1 }, [1], 'left over');
  console.log(circular);
  console.log('with', circular);
  console.log({ n: 1n });
  console.log(() => 1, class A {});
  console.log('');
};
export const errors = async () => {
  const error = Object.assign(new TypeError('logged', { cause: new Error('cause') }), { code: 'E_X', extra: { a: 1 } });
  console.error(error);
  console.error('with text', error);
  console.error({ nested: error });
  console.warn('two', error, new RangeError('second'));
  console.error(Object.assign(new Error('stackless'), { stack: undefined }));
};
export const multiLine = async () => {
  console.log('one\ntwo\r\nthree\n');
  console.log({ text: 'one\ntwo' });
};
export const long = async () => {
  console.log('l'.repeat(30_000));
};
export const unicode = async () => {
  console.log('👩‍🚀 größer \ud83d \u0000 \x7f');
};
export const aroundTheConsole = async () => {
  process.stdout.write('straight to stdout\n');
  process.stderr.write('straight to stderr\n');
  console.table([{ a: 1 }]);
  console.dir({ a: 1 });
  console.group('group');
  console.log('in the group');
  console.groupEnd();
  console.assert(false, 'asserted');
  console.count('counter');
};
export const afterTheReply = async () => {
  setImmediate(() => console.log('from setImmediate'));
  process.nextTick(() => console.log('from nextTick'));
  return 'replied';
};
export const thenFail = async () => {
  console.log('before the failure');
  throw new Error('failed after logging');
};
