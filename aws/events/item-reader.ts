import { LAST_INSTANT } from '../../core/events/table.ts';
import type { Item } from '../dynamodb/dynamodb.ts';

/**
 * Reads an item's attributes one by one, and keeps the first fault: an attribute that no client of ours writes. Never
 * throws: a substitute stands in for an unreadable attribute, and {@link fault} is read at the end. A fault quotes no
 * value, because a function writes what it likes into its own items.
 */
export interface ItemReader {
  /** First fault, e.g. `its timeoutMs is no whole number from 0 to 3600000`. Undefined without one. */
  readonly fault: string | undefined;
  /** Keeps a fault that was found by other means. */
  refuse(fault: string): void;
  /** A text that has to be there. */
  text(name: string, form?: RegExp): string;
  optionalText(name: string, form?: RegExp): string | undefined;
  /** A whole number from 0 to the most, which has to be there. */
  number(name: string, most: number): number;
  optionalNumber(name: string, most: number): number | undefined;
  /** An instant in epoch milliseconds, as a number. */
  optionalInstant(name: string, most?: number): number | undefined;
  /** An instant in epoch milliseconds, of a text in ISO 8601. */
  optionalInstantOfText(name: string): number | undefined;
}

export function createItemReader(item: Item): ItemReader {
  let fault: string | undefined;
  return {
    get fault() {
      return fault;
    },
    refuse,
    text: (name, form) => required(name, optionalText(name, form)) ?? '',
    optionalText,
    number: (name, most) => required(name, optionalNumber(name, most)) ?? 0,
    optionalNumber,
    optionalInstant: (name, most = LAST_INSTANT) => optionalNumber(name, most),
    optionalInstantOfText(name) {
      const text = optionalText(name);
      if (text === undefined) return undefined;
      const at = Date.parse(text);
      return !Number.isNaN(at) && new Date(at).toISOString() === text ? at : wrong(name, 'is no instant');
    },
  };

  function optionalText(name: string, form?: RegExp): string | undefined {
    const attribute = item[name];
    if (!attribute) return undefined;
    if (attribute.S === undefined) return wrong(name, 'is no text');
    return form && !form.test(attribute.S) ? wrong(name, 'is not of its form') : attribute.S;
  }

  function optionalNumber(name: string, most: number): number | undefined {
    const attribute = item[name];
    if (!attribute) return undefined;
    const value = attribute.N === undefined ? Number.NaN : Number(attribute.N);
    return Number.isInteger(value) && value >= 0 && value <= most
      ? value
      : wrong(name, `is no whole number from 0 to ${most}`);
  }

  function required<Value>(name: string, value: Value | undefined): Value | undefined {
    if (value === undefined) wrong(name, 'is missing'); // or wrong, which was kept before
    return value;
  }

  function wrong(name: string, what: string): undefined {
    refuse(`its ${name} ${what}`);
  }

  function refuse(what: string): void {
    fault ??= what;
  }
}
