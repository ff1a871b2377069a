// Handlers that return: what a caller gets for each kind of value.

export const echo = async (event) => event;
export const asynchronous = async () => ({ ok: true });
export const synchronous = () => ({ ok: 'at once' });
export const afterTimer = () => new Promise((resolve) => setTimeout(resolve, 5, 'later'));
// biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
export const thenable = () => ({ then: (resolve) => resolve('from a thenable') });
export const undefinedValue = async () => undefined;
export const nullValue = async () => null;
export const emptyString = async () => '';
export const notANumber = async () => Number.NaN;
export const aFunction = async () => () => 'never called';
export const aSymbol = async () => Symbol('never sent');
export const anError = async () => new Error('returned, not thrown');
export const dates = async () => ({
  at: new Date(0),
  map: new Map([[1, 2]]),
  bytes: Buffer.from('ab'),
  gone: undefined,
});
export const toJson = async () => ({ toJSON: () => 'as it wishes' });
export const toJsonThrows = async () => ({
  toJSON() {
    throw new Error('from toJSON');
  },
});
export const bigInt = async () => ({ n: 1n });
export const cycle = async () => {
  const value = {};
  value.self = value;
  return value;
};
export const large = async () => 'x'.repeat(6 * 1024 * 1024 - 2);
export const unicode = async () => ({
  emoji: '👩‍🚀🎉',
  combining: 'e\u0301',
  loneSurrogate: '\ud83d',
  separators: '\u2028\u2029',
  nul: 'a\u0000b',
  rightToLeft: '\u202eabc',
});
export const bytesOfEvent = async (event) => ({ length: event.length, last: event.at(-1) });
export const depth = async (event) => {
  let depth = 0;
  for (let inner = event; Array.isArray(inner); inner = inner[0]) depth++;
  return depth;
};
export const proxy = async () =>
  new Proxy({ a: 1 }, { get: (target, key) => (key === 'toJSON' ? undefined : target[key]) });
