import type { Command } from 'commander';
import { pathOf } from '../command.ts';
import { wrapped } from '../terminal/wrap.ts';
import { type JsonShape, shapesOf } from './fields.ts';

/** Columns of a terminal that no line of this is wider than. */
const COLUMNS = 80;

/** Adds to the help of every command which fields `--json` takes. */
export function withFieldsHelp(program: Command): void {
  for (const command of program.commands) {
    withFieldsHelp(command);
    const shapes = shapesWithFields(command);
    if (shapes.length > 0) command.addHelpText('after', () => shapes.map(textOf).join('\n'));
  }
}

/** What a command may write as JSON. */
export function shapesWithFields(command: Command): readonly JsonShape[] {
  return shapesOf(pathOf(command)).filter(({ fields }) => fields.length > 0);
}

/** `JSON fields with --count`. */
export function fieldsTitle({ when }: JsonShape): string {
  return when === undefined ? 'JSON fields' : `JSON fields with ${when}`;
}

function textOf(shape: JsonShape): string {
  return `\n${fieldsTitle(shape)}:\n  ${wrapped(shape.fields.join(', '), COLUMNS - 2).join('\n  ')}`;
}
