import { describe, expect, it } from 'vitest';
import { type Finding, rowsOf, TABLE_HEAD, verdictOf, writeMilliseconds } from '../../../bench/measure/findings.ts';
import { differences, estimate, interleave, midmean, quantile, ratios } from '../../../bench/measure/pairs.ts';

describe('interleave', () => {
  it('measures each side once a round, each round beginning with another', async () => {
    const order: string[] = [];
    const side = (name: string) => async () => order.push(name);
    const figures = await interleave(3, { a: side('a'), b: side('b'), c: side('c') });
    expect(order.join('')).toBe('abcbcacab');
    expect(figures).toEqual({ a: [1, 6, 8], b: [2, 4, 9], c: [3, 5, 7] });
  });

  it('cancels a drift that meets all sides', async () => {
    let drift = 0;
    const side = async () => drift++;
    const { a, b } = await interleave(10, { a: side, b: side });
    expect(estimate(differences(a, b)).value).toBe(0);
  });
});

describe('pairs', () => {
  it('are formed within each round', () => {
    expect(differences([3, 5], [1, 2])).toEqual([2, 3]);
    expect(ratios([3, 5], [1, 2])).toEqual([3, 2.5]);
  });

  it('are refused where the baseline has fewer rounds', () => {
    expect(() => ratios([1, 2], [1])).toThrow('the baseline has no round 1');
  });
});

describe('statistics', () => {
  it('takes a quantile between two figures by linear interpolation, whatever their order', () => {
    expect(quantile([40, 10, 30, 20], 0.5)).toBe(25);
    expect(quantile([40, 10, 30, 20], 1)).toBe(40);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('takes the mean of the middle half, which no outlier moves', () => {
    expect(midmean([1, 2, 4, 1_000])).toBe(3);
    expect(midmean([7])).toBe(7);
  });

  it('gives the same interval for the same figures, around the value, and a narrow one for figures that agree', () => {
    const scattered = Array.from({ length: 40 }, (_, index) => (index * 17) % 40);
    expect(estimate(scattered)).toEqual(estimate(scattered));
    const { value, low, high } = estimate(scattered);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
    expect(estimate([5, 5, 5])).toEqual({ value: 5, low: 5, high: 5 });
  });
});

describe('a verdict', () => {
  const finding = (low: number, value: number, high: number): Finding => ({
    what: 'a thing',
    target: { kind: 'at most', value: 10 },
    figure: { low, value, high },
    write: writeMilliseconds,
    basis: '2 pairs',
  });

  it('is sure where the whole interval is on one side of the target', () => {
    expect(verdictOf(finding(8, 9, 10))).toBe('met');
    expect(verdictOf(finding(10.1, 11, 12))).toBe('missed');
  });

  it('says so where the interval lies across it', () => {
    expect(verdictOf(finding(8, 9, 11))).toBe('met, not surely');
    expect(verdictOf(finding(9, 11, 12))).toBe('missed, not surely');
  });

  it('turns round for a target that is a least', () => {
    const target = { kind: 'at least', value: 10 } as const;
    expect(verdictOf({ ...finding(10, 11, 12), target })).toBe('met');
    expect(verdictOf({ ...finding(8, 9, 9.9), target })).toBe('missed');
  });

  it('stands in the table beside target, figure and interval', () => {
    expect(TABLE_HEAD.split('\n')[0]).toBe('| what | target | figure | 95 % interval | verdict | basis |');
    expect(rowsOf([finding(8, 9, 11)])).toBe(
      '| a thing | ≤ 10.0 ms | 9.0 ms | 8.0 ms to 11.0 ms | met, not surely | 2 pairs |',
    );
  });
});
