/**
 * Node's own JavaScript, called as if no handler had been there: for the gate's realm, whose sockets it makes. It reads
 * its options from ordinary objects, and so from the handler's `Object.prototype`, and builds on a few built-ins more.
 */
import type { Host } from './host.ts';

declare const host: Host;

/** Part of the handler's world: what a property was, or that there was none. */
interface Spot {
  readonly of: object;
  readonly name: PropertyKey;
  readonly was: PropertyDescriptor | undefined;
}

/** Objects as they are when this is made: what they have, and that they have nothing else. */
export interface Memory {
  readonly spots: readonly Spot[];
  readonly whole: readonly { readonly of: object; readonly known: ReadonlySet<PropertyKey> }[];
}

const { Object: Objects, Array: Arrays, Function: Functions, RegExp: RegExps, Promise: Promises } = host.global;
const { ArrayBuffer: Memories, Uint8Array: Bytes } = host.global;
const views = Reflect.getPrototypeOf(Bytes) as Uint8ArrayConstructor;
const listIterators: object = Object.getPrototypeOf(new Arrays()[Symbol.iterator]());

/** What Node's JavaScript does not work without. Where it needs others of the kind, it took them before any handler. */
const NEEDED: Memory = {
  spots: [
    spots(Objects.prototype, Reflect.ownKeys(Objects.prototype)),
    spots(Arrays.prototype, ['push', 'pop', 'shift', 'unshift', Symbol.iterator]),
    spots(listIterators, ['next']),
    spots(Functions.prototype, ['call', 'apply']),
    spots(RegExps.prototype, ['exec']),
    spots(Promises.prototype, ['then']),
    spots(Memories.prototype, ['byteLength']),
    spots(views.prototype, ['buffer', 'byteLength', 'byteOffset', 'length']),
    spots(views, [Symbol.hasInstance]),
    spots(Bytes, [Symbol.hasInstance]),
    spots(host.Buffer, ['allocUnsafe', 'concat', 'from', 'isBuffer', Symbol.hasInstance]),
    spots(host.Buffer.prototype, ['slice', 'subarray']),
    spots(host.Error, ['prepareStackTrace', Symbol.hasInstance]),
    spots(host.process, ['nextTick']),
  ].flat(),
  // What else these have is an option, an element or a listener wherever Node looks for one.
  whole: [Objects.prototype, Arrays.prototype].map(keysOf),
};

/** Remembers classes, with all that they and their objects inherit, and other objects. */
export function remember(classes: readonly { readonly prototype: object }[], others: readonly object[] = []): Memory {
  const chains = classes.flatMap((one) => [...chainOf(one), ...chainOf(one.prototype)]);
  const objects = [...new Set([...chains, ...others])];
  return { spots: objects.flatMap((of) => spots(of, Reflect.ownKeys(of))), whole: objects.map(keysOf) };
}

/**
 * All that making an instance of these classes goes by, where they read no options: what decides whether something is an
 * instance, of them and of those that they inherit from, and that nothing takes a new object's properties away.
 */
export function rememberMaking(classes: readonly object[]): Memory {
  const chains = new Set(classes.flatMap((one) => [...chainOf(one)]));
  return {
    spots: [
      ...[...chains].flatMap((of) => spots(of, [Symbol.hasInstance])),
      ...spots(Functions.prototype, ['call', 'apply']),
    ],
    whole: [keysOf(Objects.prototype)],
  };
}

/** An object, and those that it inherits from, but for `Object.prototype`. */
export function* chainOf(object: object): Generator<object> {
  for (let of = object; of !== Objects.prototype; of = Object.getPrototypeOf(of)) yield of;
}

/** Whether there is nothing to put back: no handler is there yet, or what was to be put back is. */
let isAtStart = true;

/** From now on there may be a handler. Until then nothing is looked at, so that a cold start does not pay for it. */
export function expectHandler(): void {
  isAtStart = false;
}

/**
 * Calls Node's JavaScript in the world of the start, and gives the handler back what it has made of that. Nothing of the
 * handler runs meanwhile but what it has put into Node's own objects. What it made unchangeable stays.
 *
 * @param more needed beside `needed`
 * @param needed what the work goes by; unless said, what most of Node's does
 */
export function asAtStart<Result>(work: () => Result, more?: Memory, needed = NEEDED): Result {
  if (isAtStart) return work();
  const changes: Spot[] = [];
  isAtStart = true;
  try {
    putBack(needed, changes);
    if (more) putBack(more, changes);
    return work();
  } finally {
    for (const { of, name, was } of changes) put(of, name, was);
    isAtStart = false;
  }
}

/** A function that is called {@link asAtStart}. */
export function calledAsAtStart<Values extends readonly unknown[], Result>(
  work: (...values: Values) => Result,
  needed?: Memory,
): (...values: Values) => Result {
  return (...values) => asAtStart(() => Reflect.apply(work, undefined, values), undefined, needed);
}

function putBack({ spots, whole }: Memory, changes: Spot[]): void {
  for (const { of, known } of whole) {
    for (const name of Reflect.ownKeys(of)) {
      if (!known.has(name)) change(of, name, undefined, changes);
    }
  }
  for (const spot of spots) {
    if (!isAsItWas(spot)) change(spot.of, spot.name, spot.was, changes);
  }
}

function change(of: object, name: PropertyKey, to: PropertyDescriptor | undefined, changes: Spot[]): void {
  const was = Reflect.getOwnPropertyDescriptor(of, name);
  if (put(of, name, to)) changes.push({ of, name, was });
}

function put(of: object, name: PropertyKey, descriptor: PropertyDescriptor | undefined): boolean {
  return descriptor ? Reflect.defineProperty(of, name, descriptor) : Reflect.deleteProperty(of, name);
}

function spots(of: object, names: readonly PropertyKey[]): Spot[] {
  return names.map((name) => ({ of, name, was: Reflect.getOwnPropertyDescriptor(of, name) }));
}

function keysOf(of: object) {
  return { of, known: new Set(Reflect.ownKeys(of)) };
}

/** A value is looked at without a descriptor, which takes five times as long. */
function isAsItWas({ of, name, was }: Spot): boolean {
  try {
    if (was?.value !== undefined) return Reflect.get(of, name) === was.value;
  } catch {
    return false;
  }
  const now = Reflect.getOwnPropertyDescriptor(of, name);
  return now?.value === was?.value && now?.get === was?.get && now?.set === was?.set;
}
