import { type Matcher, matcherOf } from '../patterns/match.ts';
import type { Source } from './recognise.ts';
import type { Rule } from './rules.ts';

/** The rule that an event falls under. */
export interface MatchingRule {
  /** Its index in the policy. */
  readonly index: number;
  readonly rule: Rule;
}

/** Matchers by their rules: a policy is the same object from one reading of the parameters to the next. */
const compiled = new WeakMap<readonly Rule[], readonly Matcher[]>();

/**
 * The first rule for this source whose pattern the event matches. Costs nothing without rules for the source.
 *
 * A preflight falls under none: it is not work, and a browser's page needs its answer.
 *
 * @param event the parsed event
 */
export function matchingRule(rules: readonly Rule[] = [], source: Source, event: unknown): MatchingRule | undefined {
  if (source.request?.isPreflight) return undefined;
  for (const [index, rule] of rules.entries()) {
    const { source: key = 'direct' } = rule;
    if (key === source.key && matchersOf(rules)[index]?.(event)) return { index, rule };
  }
  return undefined;
}

function matchersOf(rules: readonly Rule[]): readonly Matcher[] {
  const known = compiled.get(rules);
  if (known) return known;
  const matchers = rules.map(({ match }) => matcherOf(match));
  compiled.set(rules, matchers);
  return matchers;
}
