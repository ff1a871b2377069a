// Exports that are handlers, and exports that are not.

export const text = 'not a function';
export const object = { handler: 42 };
export const nothing = undefined;
export function hoisted() {
  return Promise.resolve('a function declaration');
}
export const callback = (_event, _context, callback) => callback(null, 'never called');
export const defaultedArguments = async (_event, _context, _callback = undefined) => 'two arguments by its length';
