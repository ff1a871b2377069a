import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('plays a maintenance window with real calls, every step of which holds: npm start -- --demo', async () => {
  const cwd = join(import.meta.dirname, '..', '..', '..');
  const { stdout } = await promisify(execFile)('npm', ['start', '--', '--demo'], { cwd });
  const steps = stdout.split('\n').filter((line) => /^ {2}[✓✗]/.test(line));
  expect(steps).toHaveLength(13);
  expect(steps.filter((line) => line.includes('✗'))).toEqual([]);
  expect(stdout).toContain('Every step held.');
});
