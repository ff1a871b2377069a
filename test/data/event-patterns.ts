import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

/** A pattern, an event, and what AWS's own matcher says: whether it matches, or that it takes no such pattern. */
export interface AnsweredPattern {
  readonly pattern: unknown;
  readonly event: unknown;
  readonly answer: 'true' | 'false' | 'refused';
}

/**
 * Answers of aws/event-ruler 2.1.0, the library behind EventBridge: to the examples of its README, to what stands at the border of
 * each operator, and to patterns made at random. `JsonRuleCompiler.check(pattern, false)` says what is refused, and a `Machine`
 * with this one rule, asked by `rulesForJSONEvent`, what matches. Source: https://github.com/aws/event-ruler
 */
export function answeredPatterns(): readonly AnsweredPattern[] {
  const text = readFileSync(join(import.meta.dirname, 'event-patterns.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const words = fc.constantFrom(
  '',
  'a',
  'ab',
  'abc',
  'b',
  'Ab',
  'aB',
  'abab',
  'a*b',
  'cab',
  '*',
  'a.b',
  '10.0.0.1',
  'é',
  'É',
);
const numbers = fc.constantFrom(0, 1, 2, -1, 1.5, 3.018e2, 100);
const leaves = fc.oneof(words, words, numbers, fc.boolean(), fc.constant(null));
const names = fc.constantFrom('a', 'b', 'c');
const wildcards = fc
  .array(fc.constantFrom('a', 'b', '*', '\\*', '\\\\', 'c'), { maxLength: 5 })
  .map((all) => all.join(''));

/** Events of few names and values, so that a pattern meets one of them. */
export function smallEvents(): fc.Arbitrary<Record<string, unknown>> {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, leaves, leaves, tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    object: fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  }));
  return fc.dictionary(names, value, { maxKeys: 3, noNullPrototype: true });
}

/** Patterns over the same names and values; some of them are refused. */
export function smallPatterns(): fc.Arbitrary<Record<string, unknown>> {
  const comparisons = fc.array(fc.oneof(leaves, operators(), operators()), { minLength: 1, maxLength: 2 });
  const { pattern } = fc.letrec<{ pattern: Record<string, unknown> }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 3 },
      fc.dictionary(names, fc.oneof({ weight: 3, arbitrary: comparisons }, tie('pattern')), {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true,
      }),
      fc
        .tuple(
          fc.dictionary(names, comparisons, { maxKeys: 1, noNullPrototype: true }),
          fc.array(tie('pattern'), { minLength: 2, maxLength: 2 }),
        )
        .map(([fields, $or]) => ({ ...fields, $or })),
    ),
  }));
  return pattern;
}

function operators(): fc.Arbitrary<object> {
  const one = (name: string, operand: fc.Arbitrary<unknown>) => operand.map((value) => ({ [name]: value }));
  const oneOrSome = (operand: fc.Arbitrary<unknown>) =>
    fc.oneof(operand, fc.array(operand, { minLength: 1, maxLength: 3 }));
  const ignoringCase = one('equals-ignore-case', words);
  const turnedRound = fc.oneof(
    oneOrSome(words),
    oneOrSome(numbers),
    one('prefix', oneOrSome(words)),
    one('suffix', oneOrSome(words)),
    one('equals-ignore-case', oneOrSome(words)),
    one('wildcard', oneOrSome(wildcards)),
  );
  return fc.oneof(
    one('prefix', fc.oneof(words, ignoringCase)),
    one('suffix', fc.oneof(words, ignoringCase)),
    ignoringCase,
    one('wildcard', wildcards),
    one('anything-but', turnedRound),
    one('numeric', fc.tuple(fc.constantFrom('=', '<', '<=', '>', '>='), numbers)),
    one('numeric', fc.tuple(fc.constantFrom('>', '>='), numbers, fc.constantFrom('<', '<='), numbers)),
    one('cidr', fc.constantFrom('10.0.0.0/24', '10.0.0.0/8', '11.0.0.0/8')),
    one('exists', fc.boolean()),
  );
}
