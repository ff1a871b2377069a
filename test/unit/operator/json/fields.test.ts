import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { pathOf } from '../../../../operator/cli/command.ts';
import type { Host } from '../../../../operator/cli/host.ts';
import { JSON_COMMANDS, shapesOf } from '../../../../operator/cli/json/fields.ts';
import { createProgram } from '../../../../operator/cli/program.ts';

const host = { stdout: process.stdout, stderr: process.stderr } as unknown as Host;
const commands = leavesOf(createProgram(() => async () => undefined, host));

function leavesOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

describe('the JSON of the commands', () => {
  it('is known of every command, but for those that write for a shell or a reader', () => {
    const paths = commands.map(pathOf).filter((path) => !['completion', '__complete', 'help'].includes(path));
    expect([...JSON_COMMANDS].sort()).toEqual([...paths].sort());
  });

  it.each(commands.map((command) => [pathOf(command), command] as const))(
    'of %s goes by options that there are',
    (path, command) => {
      const flags = command.options.map(({ long }) => long);
      for (const { when, fields } of shapesOf(path)) {
        expect([undefined, ...flags]).toContain(when);
        expect(new Set(fields).size).toBe(fields.length);
      }
      expect(
        shapesOf(path)
          .slice(0, -1)
          .every(({ when }) => when !== undefined),
      ).toBe(true);
    },
  );
});
