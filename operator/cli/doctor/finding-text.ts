import { PENDING_INDEX } from '../../../core/events/table.ts';
import { SETTINGS } from '../../../core/gate/config.ts';
import { counted } from '../../../core/text/shown.ts';
import { durationText } from '../../../core/time/time-text.ts';
import { functionsText } from '../../../core/windows/window-text.ts';
import type { FactsOf, Finding, FindingKind, KnownBy } from '../../doctor/finding.ts';
import { deletionProtectionCommand, pointInTimeRecoveryCommand, timeToLiveCommand } from '../../setup/table.ts';
import type { Times } from '../../times/times.ts';
import { docsFile } from '../docs-file.ts';
import { type CommandBeside, commandText } from '../terminal/command-text.ts';
import { absentParameterText, remarkText } from '../terminal/remedy-text.ts';
import { cut, type Words } from './words.ts';
import { zipWords } from './zip-text.ts';

/** Words for each kind, from its facts and its subject. */
type Phrasing = { readonly [Kind in FindingKind]: (data: FactsOf<Kind>, subject: string, telling: Telling) => Words };

/** What words need beside the facts. */
export interface Telling {
  readonly times: Times;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Remedies are in the place that was looked at. */
  readonly command: CommandBeside;
}

/** A finding in words, for people. */
export function wordsOf(finding: Finding, telling: Telling): Words {
  if (finding.unseen !== undefined) {
    const { why, action, message: text, remedy } = finding.unseen;
    if (why === 'not-offered') return { says: `not known: this endpoint has no ${action}` };
    return { says: `not known: ${remarkText({ text, ...(remedy && { remedy }) }, telling.command)}` };
  }
  const { kind, data, subject } = finding;
  const phrase = PHRASING[kind] as (data: unknown, subject: string, telling: Telling) => Words;
  return phrase(data, subject, telling);
}

const PHRASING: Phrasing = {
  credentials: ({ region, account, accessKeyId }) => ({
    says: `${account === undefined ? `key ${accessKeyId}` : `account ${account}`}, region ${region}`,
  }),

  parameter(data, name, telling) {
    switch (data.why) {
      case 'absent':
        return { says: 'does not exist, so it has no windows', remedy: absentParameterText(name, telling.command) };
      case 'never-made':
        return {
          says: `does not exist: its name ${data.message}, so nobody could make it`,
          remedy: `name another one, here (--parameter) and in the functions (${SETTINGS.parameters.name})`,
        };
      case 'malformed':
        return {
          says: `is malformed in version ${data.version} (${data.message}): functions go on with the version before`,
          remedy: `mend it, or put an older one back (${telling.command(['history'])})`,
        };
      default:
        return { says: parameterText(data, telling) };
    }
  },
  windows: ({ message }, _name, { command }) => ({ says: message, remedy: `see  ${command(['schedule', 'list'])}` }),

  table(data, _name, { command }) {
    switch (data.why) {
      case 'absent':
        return {
          says: 'does not exist',
          remedy: `name another one (--table, ${SETTINGS.table.name}), say the right --profile and --region, or make it:  ${command(['setup', '--apply'])}`,
        };
      case 'not-active':
        return { says: `is ${data.status}`, remedy: 'wait until it is ACTIVE, or ask whoever changes it' };
      default:
        return { says: 'active' };
    }
  },
  layout(data) {
    switch (data.why) {
      case 'other-layout':
        return {
          says: data.message,
          remedy: `make one as  ${commandText(['setup', '--print', 'table'])}  has it, and name that (--table)`,
        };
      case 'index-not-active':
        return {
          says: `its index ${PENDING_INDEX} is ${data.status}, so events cannot be listed or replayed yet`,
          remedy: 'wait until it is ACTIVE',
        };
      default:
        return { says: 'keys and index as needed' };
    }
  },
  'time-to-live'({ why, attribute = '', wanted }, table) {
    switch (why) {
      case 'off':
        return { says: 'finished events never expire', remedy: timeToLiveCommand(table) };
      case 'other-attribute':
        return {
          says: `items expire by ${attribute} instead of ${wanted}, so pending events may be deleted`,
          remedy: `turn that off, and an hour later:  ${timeToLiveCommand(table)}`,
        };
      default:
        return { says: `finished events expire by ${attribute}` };
    }
  },
  'point-in-time-recovery': ({ why }, table) =>
    why === undefined
      ? { says: 'point-in-time recovery' }
      : { says: 'no point-in-time recovery', remedy: pointInTimeRecoveryCommand(table) },
  'deletion-protection': ({ why }, table) =>
    why === undefined
      ? { says: 'deletion protection' }
      : { says: 'no deletion protection', remedy: deletionProtectionCommand(table) },

  functions(data, _, { command }) {
    const nameThem = `name them:  ${command(['doctor', '--function', 'NAME'])}`;
    const { count, message = '', globs = [] } = data;
    if (data.named) return { says: `${count}, as named` };
    switch (data.why) {
      case 'none':
        return {
          says: 'none is known to the table, to windows, or by its settings to Lambda’s list',
          remedy: nameThem,
        };
      case 'not-listed': {
        const unresolved = globs.length > 0 ? `, nor which ones ${globs.map(cut).join(', ')} names` : '';
        return {
          says: `${count} that the table or windows know; of others nothing is known${unresolved} (${message})`,
          remedy: nameThem,
        };
      }
      default:
        return {
          says: `${count} that the table or windows know, or that name parameter or table in their settings`,
        };
    }
  },

  function(data, name, { command }) {
    switch (data.why) {
      case 'absent':
        return {
          says: 'does not exist in this account and region',
          remedy: remedyOfAbsent(data.knownBy, name, command),
        };
      case 'no-name':
        return { says: 'cannot be the name of a function', remedy: remedyOfAbsent(data.knownBy, name, command) };
      default:
        return { says: '' };
    }
  },
  protection: protectionWords,
  'function-state'({ why, state, message }) {
    const because = message === undefined ? '' : ` (${message})`;
    switch (why) {
      case 'failed':
        return { says: `its state is Failed${because}`, remedy: 'deploy it again' };
      case 'pending':
        return { says: `is being made${because}`, remedy: 'wait until it is Active' };
      case 'inactive':
        return {
          says: `is inactive, as nobody invoked it for long${because}`,
          remedy: 'invoke it once, and again when it is Active',
        };
      case 'update-failed':
        return { says: `its last update failed${because}, so what was there before runs`, remedy: 'deploy it again' };
      default:
        return { says: state === undefined ? '' : 'active' };
    }
  },
  'time-out'({ why, seconds, limitSeconds }) {
    const text = durationText(seconds * 1_000);
    switch (why) {
      case 'too-short':
        return {
          says: `its time-out of ${text} leaves no time to read windows and to store an event`,
          remedy: `give it ${durationText(limitSeconds * 1_000)} or more`,
        };
      case 'too-long':
        return {
          says: `its time-out of ${text} is longer than a replay believes`,
          remedy: `give it ${durationText(limitSeconds * 1_000)} or less`,
        };
      default:
        return { says: `time-out ${text}` };
    }
  },
  'failure-destination': ({ why, deadLetters, onFailure }) =>
    why === undefined
      ? {
          says: `failed events go to ${[deadLetters, onFailure]
            .flatMap((arn) => arn ?? [])
            .map(cut)
            .join(' and ')}`,
        }
      : {
          says: 'neither dead-letter queue nor failure destination: an asynchronous event that cannot be stored would be lost',
          remedy: 'give it one, unless nobody invokes it asynchronously',
        },
  'event-source-list': ({ message }) => ({ says: `of their event sources nothing is known (${message})` }),
  'event-sources': ({ why, sources }) =>
    why === undefined
      ? { says: `Lambda polls ${sources.map(sourceText).join(', ')}` }
      : {
          says: `records of ${sources
            .filter(({ givesUp }) => givesUp)
            .map(sourceText)
            .join(
              ', ',
            )} are given up after some tries or hours, and go nowhere: what could not be stored by then would be lost`,
          remedy:
            'give the event source a destination for failures, or no end (-1) to its tries and the age of records',
        },
  'success-destination': ({ onSuccess }) => ({
    says: `its destination for successes (${cut(onSuccess)}) hears of each event that is stored, before it is handled`,
    remedy: 'see that its readers bear that, or take it away',
  }),
  concurrency: ({ why, reserved }, name) =>
    why === undefined
      ? { says: reserved === undefined ? '' : `${reserved} concurrent executions reserved` }
      : {
          says: 'its reserved concurrency is 0: it does not run, so nothing is stored or replayed either',
          remedy: `aws lambda delete-function-concurrency --function-name ${cut(name)}`,
        },
  client: clientWords,
};

function parameterText(
  { version, windows, active, next }: FactsOf<'parameter'> & { readonly why?: undefined },
  { times, now }: Telling,
): string {
  const current = active > 0 ? `, ${active} active now` : '';
  const coming = next
    ? `next ${times.fromNow(next.startAt, now)}, ${functionsText(next)}${next.reason === undefined ? '' : `, ${next.reason}`} (${next.id})`
    : 'none to come';
  return `version ${version}, ${windows === 0 ? 'no windows' : `${counted(windows, 'window')}${current}, ${coming}`}`;
}

function protectionWords(data: FactsOf<'protection'>): Words {
  switch (data.why) {
    case 'zip':
    case 'runtime-without-gate':
    case 'no-wrapper':
    case 'other-wrapper':
    case 'wrong-wrapper':
    case 'no-layer':
    case 'other-architecture':
    case 'two-gates':
    case 'bootstrap-unseen':
      return zipWords(data);
    case 'entry-point-of-aws':
      return {
        says: `is not protected: its entry point (${entryPointText(data.entryPoint)}) starts AWS’s own client`,
        remedy:
          'take EntryPoint out of its ImageConfig, so that the image’s counts, or name the client’s bootstrap there',
      };
    case 'other-entry-point':
      return {
        says: `its ImageConfig has an entry point of its own (${entryPointText(data.entryPoint)})`,
        remedy: `see that this starts the client’s bootstrap: ${docsFile('container.md')}`,
      };
    case 'bad-settings':
      return { says: `the client does not start: ${data.message}`, remedy: 'correct its environment' };
    case 'parameter-not-read':
      return {
        says: `does not read ${listText(data.missing)} (it reads ${listText(data.reads)})`,
        remedy: `set ${SETTINGS.parameters.name} in its environment, or name the right one here (--parameter)`,
      };
    case 'more-parameters':
      return {
        says: `also reads ${listText(data.more)}, at which nobody looks here`,
        remedy: 'name all of them (--parameter, commas between)',
      };
    case 'other-table':
      return {
        says: `stores in another table, ${cut(data.table)}`,
        remedy: `set ${SETTINGS.table.name} in its environment, or name that one here (--table)`,
      };
    default:
      return { says: `reads ${listText(data.parameters)}, stores in ${cut(data.table)}` };
  }
}

function clientWords(data: FactsOf<'client'>, name: string, { times, command }: Telling): Words {
  if (data.why === 'never-seen') {
    return {
      says: 'no event of it is stored, so nothing shows that it holds the client',
      remedy: `try it:  ${command(['begin', '--for', '10m', '--function', cut(name)])}  and invoke it`,
    };
  }
  const at = `event of ${times.text(data.seenAt)}`;
  switch (data.why) {
    case 'no-version':
      return {
        says: `its client is older than those that say their version (${at}); this tool works with it`,
        remedy: `give it the newer one, in its image or layer: ${docsFile('upgrading.md')}`,
      };
    case 'older':
      return {
        says: `its client ${data.version} is older than this tool (${data.toolVersion}, ${at}), which works with it`,
        remedy: `give it the newer one, in its image or layer: ${docsFile('upgrading.md')}`,
      };
    case 'newer':
      return {
        says: `its client ${data.version} is newer than this tool (${data.toolVersion}, ${at}), to which some events may look damaged`,
        remedy: `update the tool first: ${docsFile('upgrading.md')}`,
      };
    default:
      return { says: `client ${data.version} (${at})` };
  }
}

function remedyOfAbsent(knownBy: readonly KnownBy[], name: string, command: CommandBeside): string {
  if (knownBy.includes('named')) return 'check the name, --profile and --region';
  if (knownBy.includes('window')) return `a window names it: correct that (${command(['schedule', 'list'])})`;
  return `it deferred events once: see  ${command(['events', 'list', '--function', cut(name)])}`;
}

function entryPointText(words: readonly string[]): string {
  return cut(words.join(' '));
}

function sourceText({ source, arn, state }: FactsOf<'event-sources'>['sources'][number]): string {
  const name = arn === undefined ? source : `${source} ${cut(arn.split(':').slice(5).join(':'))}`;
  return state === 'Enabled' ? name : `${name} (${state})`;
}

function listText(names: readonly string[]): string {
  return names.map(cut).join(', ');
}
