import { type Command, InvalidArgumentError, Option } from 'commander';
import { FAULTS } from '../../../core/errors.ts';
import { shown } from '../../../core/text/shown.ts';
import { type Applied, planSetup, type Step } from '../../setup/apply.ts';
import { cloudFormation } from '../../setup/cloudformation.ts';
import { iamPolicies, type PolicyHome, stateMachine, UNNAMED } from '../../setup/iam.ts';
import { commandsAfterTable, createTableInput } from '../../setup/table.ts';
import { terraform } from '../../setup/terraform.ts';
import { type AddNoun, usage } from '../command.ts';
import { DONE, NOT_ALL_DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import type { Output } from '../terminal/output.ts';
import { faultText } from '../terminal/remedy-text.ts';
import { functionNames } from '../values.ts';

const FORMS = ['cloudformation', 'terraform', 'iam', 'table', 'state-machine'] as const;

interface SetupOptions {
  readonly print?: (typeof FORMS)[number];
  readonly apply?: boolean;
  readonly function?: readonly string[];
  /** Twelve digits. */
  readonly account?: string;
  readonly yes?: boolean;
}

/** `setup`: what it takes in AWS, to be deployed by other means than the CDK, or made at once for a first try. */
export const addSetup: AddNoun = (program, acting) => {
  const command = program
    .command('setup')
    .description('write what it takes in AWS for your own means of deploying, or make it for a first try')
    .addOption(new Option('--print <form>', 'write it in this form').choices(FORMS))
    .option('--function <names...>', 'the functions that are protected: their policies and alarms', functionNames)
    .option(
      '--account <id>',
      'the account in the ARNs of --print iam and state-machine (default: ACCOUNT, to be filled in)',
      accountValue,
    )
    .option('--apply', 'make table and parameters now, where they are not there yet')
    .option('-y, --yes', 'do not ask')
    .action(acting(setup));
  examplesOf(command);
};

function examplesOf(command: Command): void {
  withExamples(
    command,
    'setup --print cloudformation --function orders-api billing > maintenance-window.json',
    'setup --print terraform --function orders-api > maintenance-window.tf',
    'setup --print iam --function orders-api --account 111122223333 --region eu-south-1',
    'setup --print table',
    'setup --print state-machine --account 111122223333 --region eu-south-1',
    'setup --apply',
  );
}

async function setup(session: Session, options: SetupOptions): Promise<number> {
  if ((options.print === undefined) === !options.apply) {
    throw usage('say what is meant: --print with a form writes it, --apply makes table and parameters');
  }
  if (!options.apply) return print(session, options);
  if (options.function) throw usage('--function is for --print: --apply makes no policies and no alarms');
  return apply(session, options);
}

async function print(session: Session, options: SetupOptions): Promise<number> {
  const { output, settings } = session;
  if (options.print !== 'table' && options.print !== 'state-machine' && !options.function) {
    output.note('--function names none, so the policy of its role, its alarms and the right to invoke it are left out');
  }
  const text = textOf(session, options);
  await output.showExactly(text.endsWith('\n') ? text : `${text}\n`);
  if (options.print === 'table') {
    output.note('what DynamoDB takes only once the table is there:', ...commandsAfterTable(settings.table));
  }
  return DONE;
}

function textOf({ output, settings }: Session, options: SetupOptions): string {
  const { parameters, table, access } = settings;
  const deployment = { parameters, table, functions: options.function ?? [] };
  switch (options.print) {
    case 'terraform':
      return terraform(deployment);
    case 'iam':
      return json(iamPolicies(deployment, homeOf()));
    case 'state-machine':
      return json(stateMachine(deployment, homeOf()));
    case 'table':
      if (table.startsWith('arn:')) throw usage('--table is an ARN: a table is made by its name');
      return json(createTableInput(table));
    default:
      return json(cloudFormation(deployment));
  }

  function homeOf(): PolicyHome {
    const home = { account: options.account, region: access.region };
    if (!home.account) output.note(`put in your account for ${UNNAMED.account}, or say --account`);
    if (!home.region) output.note(`put in your region for ${UNNAMED.region}, or say --region`);
    return home;
  }
}

function json(value: object): string {
  return JSON.stringify(value, null, 2);
}

async function apply(session: Session, { yes }: SetupOptions): Promise<number> {
  const { output } = session;
  await session.place({ yes });
  const plan = await planSetup(session);
  try {
    const missing = plan.steps.filter(({ isThere }) => !isThere);
    if (missing.length > 0 && session.isInteractive && !yes) {
      output.note('this would be made:', ...missing.map(stepText));
      if (!(await session.confirm('Make it?'))) {
        output.note('nothing was changed');
        return NOT_ALL_DONE;
      }
    }
    if (missing.length > 0 && !(await session.mayChange({ yes }))) return NOT_ALL_DONE;
    session.interrupted(); // half a table is worse than a late Ctrl-C
    const applied = await plan.make();
    output.show({ steps: applied.map((one) => appliedJson(one, output)) }, () =>
      applied.map((one) => appliedText(one, output)).join('\n'),
    );
    const [failed] = applied.flatMap(({ outcome }) => (typeof outcome === 'object' ? outcome.failed : []));
    if (!failed) return DONE;
    return FAULTS[failed.name].exitCode;
  } finally {
    plan.close();
  }
}

function stepText({ what, name }: Step): string {
  return what === 'table' || what === 'parameter' ? `${what} ${name}` : `${what} of the table ${name}`;
}

function appliedText(applied: Applied, { command }: Output): string {
  const { outcome } = applied;
  return shown(
    `${stepText(applied)}: ${typeof outcome === 'string' ? outcome : `failed: ${faultText(outcome.failed, command)}`}`,
  );
}

function appliedJson({ what, name, outcome }: Applied, { command }: Output): object {
  const failed = typeof outcome === 'object';
  return {
    what,
    name,
    outcome: failed ? 'failed' : outcome,
    ...(failed && { why: faultText(outcome.failed, command) }),
  };
}

/** For commander: an account's id. */
function accountValue(text: string): string {
  if (/^\d{12}$/.test(text)) return text;
  throw new InvalidArgumentError('Write the twelve digits of an account.');
}
