import { SETTINGS } from '../../../core/gate/config.ts';
import { durationToText } from '../../../core/time/duration.ts';
import { instantToText } from '../../../core/time/instant.ts';
import { type Remark, type Remedy, remarkOf } from '../../access/remedy.ts';
import { docsFile } from '../docs-file.ts';
import type { CommandBeside } from './command-text.ts';

/** A fault's message with what to do about it, in the tool's own options and commands. */
export function faultText(fault: Parameters<typeof remarkOf>[0], command: CommandBeside): string {
  return remarkText(remarkOf(fault), command);
}

/** A remark on one line, with what to do about it in the tool's own options and commands. */
export function remarkText({ text, remedy, effect }: Remark, command: CommandBeside): string {
  return `${remedy === undefined ? text : remediedText(text, remedy, command)}${effect === undefined ? '' : `; ${effect}`}`;
}

const ACCOUNT_AND_REGION = 'say the right --profile and --region';

/** What to do about a parameter that does not exist. */
export function absentParameterText(parameter: string, command: CommandBeside): string {
  return `name another one (--parameter, ${SETTINGS.parameters.name}), ${ACCOUNT_AND_REGION}, or make it:  ${command(['begin', '--parameter', parameter])}`;
}

function remediedText(text: string, remedy: Remedy, command: CommandBeside): string {
  switch (remedy.kind) {
    case 'region':
      return `${text}: say --region eu-south-1, or set AWS_REGION${remedy.profile === undefined ? '' : `, or give the profile ${remedy.profile} a region`}`;
    case 'endpoint':
      return `${text}: write one such as http://localhost:4566 (endpoint_url), or say --endpoint-url`;
    case 'log-in':
      return `${text}: log in again (${loginText(remedy.profile)}), then run this again`;
    case 'absent-profile':
      return `${text}: name one that it has${remedy.known.length > 0 ? ` (${remedy.known.join(', ')})` : ''}, or make it:  aws configure --profile ${remedy.profile}`;
    case 'credentials':
      return `${text}: ${credentialsText(remedy.profile)}`;
    case 'other-credentials':
      return `${text}: say the right --profile, and see that they are active and of this partition`;
    case 'permission':
      return `${text}: ask for that permission (grantOperate of the construct gives it), or say another --profile`;
    case 'account-and-region':
      return `${text}: ${ACCOUNT_AND_REGION}`;
    case 'network':
      return `${text}: see to the network, --region and --endpoint-url`;
    case 'absent-parameter':
      return `${text}: ${absentParameterText(remedy.parameter, command)}`;
    case 'other-parameter':
      return `${text} (--parameter names another one)`;
    case 'absent-table':
      return `${text}: name another one (--table, ${SETTINGS.table.name}), or ${ACCOUNT_AND_REGION}`;
    case 'absent-drain':
      return `${text}: deploy one beside the monitor, which tells of it within a minute (docs/deploying.md), or name its state machine, --detach ARN`;
    case 'taken-table':
      return `${text}; name another table (--table, ${SETTINGS.table.name})`;
    case 'name-for-arn':
      return `${text}: name it, with --profile and --region where it is to be`;
    case 'owner-account':
      return `${text}: edit another one (--edit), or say that account's --profile`;
    case 'name-parameter':
      return `--edit ${remedy.parameter}: this is none of the named parameters (${remedy.named.join(', ')}): name it with --parameter, too`;
    case 'mend-parameter':
      return `${text}; mend it, or put an older one back (${command(['history'])})`;
    case 'restore-by-hand':
      return `${text}: put it back by hand (${command(['history'])} has it)`;
    case 'look-first':
      return `${text}${remedy.isWritten ? ':' : ';'} look (${command(['history'])}), then run this again`;
    case 'fewer-windows':
      return `${text}: take windows out first (${command(['schedule', 'remove'])}), or use a second parameter`;
    case 'window-id':
      return `${text}: write ${remedy.leastDigits} to 6 of the digits that  ${command(['schedule', 'list'])}  shows; status and history show them, too`;
    case 'absent-window':
      return `${text}: see  ${command(['schedule', 'list'])}, and name its parameter with --edit`;
    case 'past-window':
      return `${text}: see  ${command(['history'])}, and name its parameter with --parameter`;
    case 'remove-window':
      return `${text}; to take it out:  ${command(['schedule', 'remove', remedy.id])}`;
    case 'name-window':
      return `${text}; name one:  ${command(['extend', remedy.ids[0] ?? '', ...endWords(remedy.end)])}`;
    case 'end-window':
      return `${text}; to end it now:  ${command(['end', remedy.id])}`;
    case 'begin-anew':
      return `${text}; for another one:  ${command(['begin'])}`;
    case 'absent-event':
      return `${text}; see  ${command(['events', 'list'])}`;
    case 'read-page':
      return `${text}: see ${docsFile(remedy.page)}`;
    case 'fewer-functions':
      return `--function names so many that the policy ${remedy.policy} has ${remedy.characters} characters, and IAM takes ${remedy.most}: print a template for some, and another one for the others (with --table as an ARN there)`;
  }
}

function endWords(end: Extract<Remedy, { kind: 'name-window' }>['end']): readonly string[] {
  return 'at' in end ? ['--until', instantToText(end.at)] : ['--for', durationToText(end.byMs)];
}

function credentialsText(profile: string | undefined): string {
  const login = loginText(profile);
  return profile === undefined
    ? `say --profile NAME, or log in (${login}), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`
    : `the profile ${profile} gives none; see what it needs, log in (${login}), or say another --profile`;
}

function loginText(profile: string | undefined): string {
  return profile === undefined ? 'aws sso login' : `aws sso login --profile ${profile}`;
}
