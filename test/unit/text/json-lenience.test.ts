import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOfLenience } from '../../../core/text/json-lenience.ts';
import { anyCharacter } from '../../data/characters.ts';

describe('JSON that says what is meant', () => {
  it('is no fault, whatever it says', () => {
    fc.assert(
      fc.property(plainValues(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        expect(faultOfLenience(JSON.stringify(value, undefined, indent), 'it')).toBeUndefined();
      }),
    );
  });

  it.each([
    ['names that differ in case', '{"a":1,"A":2}'],
    ['one name at two depths', '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}'],
    ['a name that is also a text', '{"a":"a","b":["a","a"]}'],
    ['brackets and commas in a text', '{"a":"{\\"a\\":1,\\"a\\":2}","b":"[,]\\\\"}'],
    ['a pair of surrogates', '{"a":"\\ud83d\\ude00","\\ud83d\\ude00":1}'],
    ['numbers in any spelling', '[1.0,1e0,-0,0.00000000000000000001,1e308,100000000000000000000]'],
  ])('is no fault: %s', (_, text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(faultOfLenience(text, '')).toBeUndefined();
  });
});

describe('what JSON forgives is found', () => {
  it('where an object has a member twice, at any depth and in any spelling', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ maxLength: 3 }), fc.nat(3)), { maxLength: 5 }),
        fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
        fc.string({ maxLength: 5 }),
        fc.tuple(plainValues(), plainValues()),
        fc.tuple(fc.boolean(), fc.boolean()),
        (path, others, name, values, escaped) => {
          const member = (index: 0 | 1) => `${nameText(name, escaped[index])}:${JSON.stringify(values[index])}`;
          const between = others
            .filter((other) => other !== name)
            .map((other, index) => `"${index}${nameText(other, false).slice(1)}:0`);
          const doubled = `{${[member(0), ...between, member(1)].join(' ,\n')}}`;
          const text = path.reduceRight<string>(
            (inner, step) =>
              typeof step === 'number' ? `[${'0,'.repeat(step)}${inner}]` : `{${JSON.stringify(step)}:${inner}}`,
            doubled,
          );
          expect(faultOfLenience(text, 'it')).toMatch(/: stands there twice; keep one$/);
        },
      ),
    );
  });

  it.each([
    ['{"a":1,"a":1}', 'it.a: stands there twice; keep one'],
    ['[{},{"b":[0,{"c":1,"\\u0063":2}]}]', 'it[1].b[1].c: stands there twice; keep one'],
    ['{"a b":{"":1,"":2}}', 'it."a b"."": stands there twice; keep one'],
    ['{"a":["\\ud800"]}', 'it.a[0]: "\\ud800" has half a character'],
    ['{"\\udc00\\ud800":1}', 'it."\\udc00\\ud800": "\\udc00\\ud800" has half a character'],
    ['{"a":[1,1e309]}', 'it.a[1]: "1e309" is no number that can be kept'],
    ['-1e999', 'it: "-1e999" is no number that can be kept'],
    ['[9007199254740993]', 'it[0]: "9007199254740993" is no number that can be kept; write it with up to 15 digits'],
    ['0.10000000000000001', 'it: "0.10000000000000001" is no number that can be kept'],
  ])('%s', (text, fault) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(faultOfLenience(text, 'it')).toContain(fault);
  });

  it('however deep and long the text is', () => {
    const deep = `${'[{"a":'.repeat(100_000)}1${'}]'.repeat(100_000)}`;
    expect(faultOfLenience(deep, '')).toBeUndefined();
    const long = JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`\\${index}`, '"'])));
    expect(faultOfLenience(long, '')).toBeUndefined();
    expect(faultOfLenience(JSON.stringify({ a: '\\"'.repeat(1_000_000) }), '')).toBeUndefined();
  });
});

/** Values whose numbers have few digits, and whose texts are whole. */
function plainValues(): fc.Arbitrary<unknown> {
  return fc
    .jsonValue({ maxDepth: 4, stringUnit: anyCharacter() })
    .map((value) => JSON.parse(JSON.stringify(value, plain)));
}

function plain(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.trunc(value % 1e6) : value;
}

function nameText(name: string, escaped: boolean): string {
  if (!escaped) return JSON.stringify(name);
  return `"${[...Array(name.length).keys()].map((at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;
}
