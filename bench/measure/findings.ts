import type { Estimate } from './pairs.ts';

/** What one measurement found, against what was promised. */
export interface Finding {
  readonly what: string;
  /** Where the figure must stay; absent where it is only told, such as a control. */
  readonly target?: Bound;
  readonly figure: Estimate;
  /** How to write a figure. */
  readonly write: (figure: number) => string;
  /** How it was measured: how often, and between which absolute figures. */
  readonly basis: string;
}

interface Bound {
  readonly kind: 'at most' | 'at least';
  readonly value: number;
}

/**
 * `met`, `missed`: the whole interval lies on that side of the target. `met, not surely`, `missed, not surely`: the
 * median does, and the interval lies across.
 */
export type Verdict = 'met' | 'met, not surely' | 'missed, not surely' | 'missed' | '';

export function verdictOf({ target, figure }: Finding): Verdict {
  if (!target) return '';
  const within = (value: number) => (target.kind === 'at most' ? value <= target.value : value >= target.value);
  if (within(figure.low) && within(figure.high)) return 'met';
  if (!within(figure.low) && !within(figure.high)) return 'missed';
  return within(figure.value) ? 'met, not surely' : 'missed, not surely';
}

const COLUMNS = ['what', 'target', 'figure', '95 % interval', 'verdict', 'basis'];

/** The head of a Markdown table of findings. */
export const TABLE_HEAD: string = [COLUMNS, COLUMNS.map(() => '---')].map(rowOf).join('\n');

/** Findings as rows of that table. */
export function rowsOf(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => {
    const { what, target, figure, write, basis } = finding;
    const bound = target ? `${target.kind === 'at most' ? '≤' : '≥'} ${write(target.value)}` : '';
    const interval = `${write(figure.low)} to ${write(figure.high)}`;
    return [what, bound, write(figure.value), interval, verdictOf(finding), basis];
  });
  return rows.map(rowOf).join('\n');
}

function rowOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export const writeMilliseconds = (ms: number): string => `${ms.toFixed(1)} ms`;
export const writeSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
export const writeMicroseconds = (ns: number): string => `${(ns / 1_000).toFixed(1)} µs`;
export const writeNanoseconds = (ns: number): string => `${ns.toFixed(0)} ns`;
export const writeMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
export const writeRatio = (ratio: number): string => `${ratio.toFixed(3)} ×`;
export const writeTimes = (ratio: number): string => `${ratio.toFixed(0)} ×`;
export const writePerSecond = (rate: number): string => `${rate.toFixed(rate < 100 ? 1 : 0)}/s`;
