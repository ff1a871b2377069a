// Handlers that fail, each in its own way.

class OutOfStock extends Error {
  constructor(sku) {
    super(`no ${sku} left`);
    this.name = 'OutOfStock';
    this.sku = sku;
    this.code = 'E_STOCK';
  }
}

export function throwSynchronously() {
  throw new Error('thrown synchronously');
}
export const throwAsynchronously = async () => {
  throw new TypeError('thrown asynchronously');
};
export const throwAfterTimer = async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  throw new RangeError('thrown after a timer');
};
export const rejectString = () => Promise.reject('only a string');
export const rejectUndefined = () => Promise.reject();
export const rejectNull = () => Promise.reject(null);
export const rejectObject = () => Promise.reject({ errorType: 'LooksLikeOne', errorMessage: 'but is none' });
export const rejectSymbol = () => Promise.reject(Symbol('neither'));
export const rejectThrowingObject = () =>
  Promise.reject({
    toString() {
      throw new Error('from toString');
    },
  });
export const custom = async (event) => {
  throw new OutOfStock(event.sku);
};
export const cause = async () => {
  throw new Error('outer', { cause: new Error('inner') });
};
export const aggregate = async () => {
  throw new AggregateError([new Error('one'), new OutOfStock('two')], 'several');
};
export const frozen = async () => {
  throw Object.freeze(new Error('frozen'));
};
export const deleteCharacter = async () => {
  throw Object.assign(new Error('before\x7fafter'), { name: 'De\x7fl' });
};
export const cyclicError = async () => {
  const error = new Error('points at itself');
  error.self = error;
  throw error;
};
export const withoutStack = async () => {
  throw Object.assign(new Error('no stack'), { stack: undefined });
};
export const strangeStack = async () => {
  throw Object.assign(new Error('a stack of numbers'), { stack: 42 });
};
export const strangeName = async () => {
  throw Object.assign(new Error('a name of no text'), { name: { not: 'text' } });
};
export const multiLine = async () => {
  throw new Error('first line\nsecond line\r\nthird line');
};
export const unicodeMessage = async () => {
  throw new Error('größer als 👩‍🚀');
};
export const longMessage = async () => {
  throw new Error('y'.repeat(30_000));
};
export const throwingGetter = async () => {
  const error = new Error('its message cannot be read');
  Object.defineProperty(error, 'message', {
    get() {
      throw new Error('from the getter');
    },
  });
  throw error;
};
export const domException = async () => {
  throw new DOMException('aborted', 'AbortError');
};
export const systemError = async () => {
  const { readFile } = await import('node:fs/promises');
  await readFile('/there/is/no/such/file');
};
export const crossRealm = async () => {
  const { runInNewContext } = await import('node:vm');
  throw runInNewContext('new Error("from another realm")');
};
export const deepStack = async () => {
  const down = (n) => {
    if (n === 0) throw new Error('from the deep');
    return down(n - 1);
  };
  down(30);
};
export const asyncStack = async () => {
  const inner = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error('through three functions');
  };
  const middle = async () => {
    await inner();
  };
  await middle();
};
export const stackOverflow = async () => {
  const forever = () => forever() + 1;
  return forever();
};
export const wholeStack = async () => {
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  await null;
  throw new Error('with every frame there is');
};
