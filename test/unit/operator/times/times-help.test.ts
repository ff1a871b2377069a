import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFUSED_TIMES, TIMES_HELP, TYPED_DURATIONS, TYPED_TIMES } from '../../../../operator/times/times-help.ts';
import { parseTypedDuration } from '../../../../operator/times/typed-duration.ts';
import { parseTime } from '../../../../operator/times/typed-time.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'cli.md'), 'utf8');

describe('the help topic', () => {
  it('has what is taken, as the page has it', () => {
    const rows = [...TYPED_TIMES, ...TYPED_DURATIONS].map(
      ([typed, meaning]) => `| ${typed.map((each) => `\`${each}\``).join(', ')} | ${meaning} |`,
    );
    expect(PAGE).toContain(`| typed | meaning |\n|---|---|\n${rows.join('\n')}\n\n`);
    expect(PAGE.replaceAll('\n', ' ')).toContain(REFUSED_TIMES.map((each) => `\`${each}\``).join(', '));
  });

  it.each(TYPED_TIMES.flatMap(([typed]) => typed))('is right that %s is a time', (text) => {
    expect(parseTime(text, 'ahead').kind).toBe('value');
    expect(parseTime(text, 'back').kind).toBe('value');
  });

  it.each(TYPED_DURATIONS.flatMap(([typed]) => typed))('is right that %s is a duration', (text) => {
    expect(parseTypedDuration(text).kind).toBe('value');
  });

  it.each(REFUSED_TIMES)('is right that %s is refused, with an example', (text) => {
    expect(parseTime(text, 'ahead')).toMatchObject({ kind: 'fault', message: expect.stringContaining('; write ') });
  });

  it('fits a terminal of 80 columns', () => {
    expect(TIMES_HELP.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});
