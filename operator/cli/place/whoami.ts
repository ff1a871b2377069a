import { shown } from '../../../core/text/shown.ts';
import { whereabouts } from '../../access/caller.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { accountText } from './place-text.ts';

/** `whoami`: whose credentials these are, and where they work. */
export const addWhoami: AddNoun = (program, acting) => {
  const command = program
    .command('whoami')
    .description('say whose credentials these are, and which account, region, parameters and table they work in')
    .action(acting(whoami));
  withExamples(command, 'whoami', 'whoami --profile production -o json');
};

async function whoami(session: Session): Promise<number> {
  const { output, settings } = session;
  const { parameters, table, context, access } = settings;
  const where = await whereabouts(session, { arn: true });
  const { account, alias, arn, region, endpoint, accountUnknown } = where;
  if (accountUnknown !== undefined) output.note(`the account is not known: ${accountUnknown}`);
  output.show(
    {
      ...(account && { account }),
      ...(alias && { alias }),
      ...(arn && { arn }),
      region,
      ...(access.profile && { profile: access.profile }),
      ...(context && { context: context.name, production: context.isProduction }),
      ...(endpoint && { endpoint }),
      parameters,
      table,
    },
    () => {
      const rows: readonly (readonly [string, string | undefined])[] = [
        ['account', accountText(where)],
        ['arn', arn],
        ['region', region],
        ['profile', access.profile],
        ['context', context && `${context.name}${context.isProduction ? ' (production)' : ''}`],
        ['endpoint', endpoint],
        [parameters.length === 1 ? 'parameter' : 'parameters', parameters.join(', ')],
        ['table', table],
      ];
      const told = rows.flatMap(([name, text]) => (text === undefined ? [] : [[name, shown(text)] as const]));
      const width = Math.max(...told.map(([name]) => name.length));
      return told.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
    },
  );
  return DONE;
}
