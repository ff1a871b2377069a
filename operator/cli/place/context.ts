import { MaintenanceWindowError } from '../../../core/errors.ts';
import { quoted } from '../../../core/text/parsed.ts';
import { shown } from '../../../core/text/shown.ts';
import { type Context, type Contexts, parseContextName } from '../../contexts/context.ts';
import { changeContexts, readContexts } from '../../contexts/context-file.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { commandText } from '../terminal/command-text.ts';

/** What a context says, in the order in which it is shown. */
const TEXTS = ['profile', 'region', 'parameter', 'table', 'endpointUrl'] as const;

/** `context`: places to work in, by a name. */
export const addContext: AddNoun = (program, acting) => {
  const context = program
    .command('context')
    .description('name places to work in: profile, region, parameter, table, endpoint');
  for (const addVerb of [addAdd, addUse, addList, addShow, addRemove]) addVerb(context, acting);
};

const addAdd: AddNoun = (context, acting) => {
  const command = context
    .command('add')
    .description('name a place: the global options that stand here are what it says')
    .argument('<name>', 'how it is called')
    .option('--production', 'a change there wants its name to be typed, on a terminal')
    .action(acting(add));
  withExamples(
    command,
    'context add staging --profile staging --region eu-south-1',
    'context add production --profile ops --region eu-south-1 --table orders-events --production',
  );
};

const addUse: AddNoun = (context, acting) => {
  const command = context
    .command('use')
    .description('work there from now on, in every terminal of this user')
    .argument('[name]', 'the context')
    .option('--none', 'work in none of them')
    .action(acting(use));
  withExamples(command, 'context use staging', 'context use --none');
};

const addList: AddNoun = (context, acting) => {
  withExamples(
    context
      .command('list')
      .description('list all contexts; * marks the one that this command would work in')
      .action(acting(list)),
    'context list',
  );
};

const addShow: AddNoun = (context, acting) => {
  withExamples(
    context
      .command('show')
      .description('show one context: the one that this command would work in, or another')
      .argument('[name]', 'the context')
      .action(acting(show)),
    'context show',
    'context show production -o json',
  );
};

const addRemove: AddNoun = (context, acting) => {
  withExamples(
    context
      .command('remove')
      .description('forget a context; nothing in AWS is touched')
      .argument('<name>', 'the context')
      .action(acting(remove)),
    'context remove staging',
  );
};

async function add(session: Session, name: string, options: { readonly production?: true }): Promise<number> {
  const checked = parseContextName(name);
  if (checked.kind === 'fault') throw usage(`${quoted(name)} ${checked.message}`);
  const context = { ...saidOf(session), ...(options.production && { production: true as const }) };
  if (Object.keys(context).length === 0) {
    throw usage(
      'say what it is: at least one of --profile, --region, --parameter, --table, --endpoint-url, --production',
    );
  }
  await changeContexts(session.settings.contextFile, (contexts) => {
    if (Object.hasOwn(contexts.contexts, name)) {
      throw usage(`there is a context ${name}: to change it,  ${commandText(['context', 'remove', name])}  first`);
    }
    return { ...contexts, contexts: { ...contexts.contexts, [name]: context } };
  });
  session.output.show({ added: { name, ...context } }, () =>
    [`Added: ${name}`, `  to work there  ${commandText(['context', 'use', name])}`].join('\n'),
  );
  return DONE;
}

/** What the command line says, and neither the environment nor another context. */
function saidOf({ settings }: Session): Context {
  return Object.fromEntries(
    TEXTS.flatMap((field) => {
      const source = settings.sources[field];
      return source.kind === 'option' ? [[field, source.text]] : [];
    }),
  );
}

async function use({ settings, output }: Session, name: string | undefined, options: { none?: true }): Promise<number> {
  if ((name === undefined) === (options.none === undefined)) throw usage('say which: a name, or --none');
  await changeContexts(settings.contextFile, ({ contexts }) => {
    if (name !== undefined) existing({ contexts }, name);
    return { ...(name !== undefined && { current: name }), contexts };
  });
  output.show({ current: name ?? null }, () => (name === undefined ? 'No context is used.' : `Used: ${shown(name)}`));
  return DONE;
}

async function list({ settings, output }: Session): Promise<number> {
  const { contexts } = readContexts(settings.contextFile);
  const entries = Object.entries(contexts);
  const isCurrent = (name: string) => name === settings.context?.name;
  output.show({ contexts: entries.map(([name, context]) => ({ name, current: isCurrent(name), ...context })) }, () =>
    entries.length === 0
      ? `No contexts; how to add one:  ${output.command(['context', 'add', '--help'])}`
      : output.table(
          ['', 'NAME', 'PROFILE', 'REGION', 'PARAMETER', 'TABLE', 'ENDPOINT', ''],
          entries.map(([name, context]) => [
            isCurrent(name) ? '*' : '',
            name,
            ...TEXTS.map((field) => context[field] ?? ''),
            context.production ? 'production' : '',
          ]),
        ),
  );
  return DONE;
}

async function show({ settings, output }: Session, given: string | undefined): Promise<number> {
  const name = given ?? settings.context?.name;
  if (name === undefined) throw usage('no context is used: say its name');
  const context = existing(readContexts(settings.contextFile), name);
  const current = name === settings.context?.name;
  output.show({ name, current, ...context }, () =>
    [
      `${name}${context.production ? ', production' : ''}${current ? ', used' : ''}`,
      ...TEXTS.flatMap((field) =>
        context[field] === undefined ? [] : [`  ${field.padEnd(11)}  ${shown(context[field])}`],
      ),
    ].join('\n'),
  );
  return DONE;
}

async function remove({ settings, output }: Session, name: string): Promise<number> {
  await changeContexts(settings.contextFile, (before) => {
    existing(before, name);
    const { [name]: _, ...contexts } = before.contexts;
    return { ...(before.current !== undefined && before.current !== name && { current: before.current }), contexts };
  });
  output.show({ removed: name }, () => `Removed: ${name}`);
  return DONE;
}

function existing({ contexts }: Contexts, name: string): Context {
  const context = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (context) return context;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.NotFound',
    `there is no context ${quoted(name)}: see  ${commandText(['context', 'list'])}`,
  );
}
