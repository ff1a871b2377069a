import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MaintenanceWindowError } from '../../../core/errors.ts';
import { OperatorFault, type Remedy } from '../../../operator/access/remedy.ts';
import { commandsBeside } from '../../../operator/cli/terminal/command-text.ts';
import { faultText, remarkText } from '../../../operator/cli/terminal/remedy-text.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** As of a command without options. */
const HERE = commandsBeside([]);
const ELSEWHERE = 'say the right --profile and --region';

/** Each kind of remedy, behind the text `it fails`. */
const TEXTS: { readonly [Kind in Remedy['kind']]: readonly (readonly [Extract<Remedy, { kind: Kind }>, string])[] } = {
  region: [
    [{ kind: 'region' }, 'it fails: say --region eu-south-1, or set AWS_REGION'],
    [
      { kind: 'region', profile: 'ops' },
      'it fails: say --region eu-south-1, or set AWS_REGION, or give the profile ops a region',
    ],
  ],
  endpoint: [
    [{ kind: 'endpoint' }, 'it fails: write one such as http://localhost:4566 (endpoint_url), or say --endpoint-url'],
  ],
  'log-in': [
    [{ kind: 'log-in' }, 'it fails: log in again (aws sso login), then run this again'],
    [{ kind: 'log-in', profile: 'ops' }, 'it fails: log in again (aws sso login --profile ops), then run this again'],
  ],
  'absent-profile': [
    [
      { kind: 'absent-profile', profile: 'nope', known: [] },
      'it fails: name one that it has, or make it:  aws configure --profile nope',
    ],
    [
      { kind: 'absent-profile', profile: 'nope', known: ['dev', 'ops'] },
      'it fails: name one that it has (dev, ops), or make it:  aws configure --profile nope',
    ],
  ],
  credentials: [
    [
      { kind: 'credentials' },
      'it fails: say --profile NAME, or log in (aws sso login), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ],
    [
      { kind: 'credentials', profile: 'ops' },
      'it fails: the profile ops gives none; see what it needs, log in (aws sso login --profile ops), or say another --profile',
    ],
  ],
  'other-credentials': [
    [
      { kind: 'other-credentials' },
      'it fails: say the right --profile, and see that they are active and of this partition',
    ],
  ],
  permission: [
    [
      { kind: 'permission', action: 'ssm:PutParameter' },
      'it fails: ask for that permission (grantOperate of the construct gives it), or say another --profile',
    ],
  ],
  'account-and-region': [[{ kind: 'account-and-region' }, `it fails: ${ELSEWHERE}`]],
  network: [[{ kind: 'network' }, 'it fails: see to the network, --region and --endpoint-url']],
  'absent-parameter': [
    [
      { kind: 'absent-parameter', parameter: 'team' },
      `it fails: name another one (--parameter, MAINTENANCE_WINDOW_PARAMETER), ${ELSEWHERE}, or make it:  maintenance-window begin --parameter team`,
    ],
  ],
  'other-parameter': [[{ kind: 'other-parameter' }, 'it fails (--parameter names another one)']],
  'absent-table': [
    [{ kind: 'absent-table' }, `it fails: name another one (--table, MAINTENANCE_WINDOW_TABLE), or ${ELSEWHERE}`],
  ],
  'absent-drain': [
    [
      { kind: 'absent-drain' },
      'it fails: deploy one beside the monitor, which tells of it within a minute (docs/deploying.md), or name its state machine, --detach ARN',
    ],
  ],
  'taken-table': [[{ kind: 'taken-table' }, 'it fails; name another table (--table, MAINTENANCE_WINDOW_TABLE)']],
  'name-for-arn': [[{ kind: 'name-for-arn' }, 'it fails: name it, with --profile and --region where it is to be']],
  'owner-account': [
    [{ kind: 'owner-account' }, "it fails: edit another one (--edit), or say that account's --profile"],
  ],
  'name-parameter': [
    [
      { kind: 'name-parameter', parameter: 'team', named: ['a', 'b'] },
      '--edit team: this is none of the named parameters (a, b): name it with --parameter, too',
    ],
  ],
  'mend-parameter': [
    [{ kind: 'mend-parameter' }, 'it fails; mend it, or put an older one back (maintenance-window history)'],
  ],
  'restore-by-hand': [
    [{ kind: 'restore-by-hand' }, 'it fails: put it back by hand (maintenance-window history has it)'],
  ],
  'look-first': [
    [{ kind: 'look-first', isWritten: false }, 'it fails; look (maintenance-window history), then run this again'],
    [{ kind: 'look-first', isWritten: true }, 'it fails: look (maintenance-window history), then run this again'],
  ],
  'fewer-windows': [
    [
      { kind: 'fewer-windows' },
      'it fails: take windows out first (maintenance-window schedule remove), or use a second parameter',
    ],
  ],
  'window-id': [
    [
      { kind: 'window-id', leastDigits: 4 },
      'it fails: write 4 to 6 of the digits that  maintenance-window schedule list  shows; status and history show them, too',
    ],
  ],
  'absent-window': [
    [{ kind: 'absent-window' }, 'it fails: see  maintenance-window schedule list, and name its parameter with --edit'],
  ],
  'past-window': [
    [{ kind: 'past-window' }, 'it fails: see  maintenance-window history, and name its parameter with --parameter'],
  ],
  'remove-window': [
    [{ kind: 'remove-window', id: '3f9a1c' }, 'it fails; to take it out:  maintenance-window schedule remove 3f9a1c'],
  ],
  'name-window': [
    [
      { kind: 'name-window', ids: ['3f9a1c', '77b0d2'], end: { byMs: 5_400_000 } },
      'it fails; name one:  maintenance-window extend 3f9a1c --for PT1H30M',
    ],
    [
      { kind: 'name-window', ids: ['3f9a1c', '77b0d2'], end: { at: Date.UTC(2040, 0, 14, 23) } },
      'it fails; name one:  maintenance-window extend 3f9a1c --until 2040-01-14T23:00:00Z',
    ],
  ],
  'end-window': [[{ kind: 'end-window', id: '3f9a1c' }, 'it fails; to end it now:  maintenance-window end 3f9a1c']],
  'begin-anew': [[{ kind: 'begin-anew' }, 'it fails; for another one:  maintenance-window begin']],
  'absent-event': [[{ kind: 'absent-event' }, 'it fails; see  maintenance-window events list']],
  'read-page': [[{ kind: 'read-page', page: 'security.md' }, 'it fails: see docs/security.md']],
  'fewer-functions': [
    [
      { kind: 'fewer-functions', policy: 'FunctionPolicy', characters: 7_000, most: 6_144 },
      '--function names so many that the policy FunctionPolicy has 7000 characters, and IAM takes 6144: print a template for some, and another one for the others (with --table as an ARN there)',
    ],
  ],
};

describe('the command line', () => {
  it.each(Object.values(TEXTS).flat())('names its own options and commands for %o', (remedy, text) => {
    expect(faultText(new OperatorFault('MaintenanceWindow.Usage', 'it fails', remedy), HERE)).toBe(text);
  });

  it('adds nothing to a fault without a remedy', () => {
    expect(faultText(new MaintenanceWindowError('MaintenanceWindow.Refused', 'it fails'), HERE)).toBe('it fails');
  });

  it('says behind the remedy what a fault means for the work in progress', () => {
    const remark = { text: 'it fails', remedy: { kind: 'network' }, effect: 'the replay goes on' } as const;
    expect(remarkText(remark, HERE)).toBe(
      'it fails: see to the network, --region and --endpoint-url; the replay goes on',
    );
    expect(remarkText({ text: 'it fails', effect: 'the replay goes on' }, HERE)).toBe('it fails; the replay goes on');
  });
});

/** An option, or a command, of the command line. */
const CONTROL = /(?<![\w-])--[a-z][\w-]*|maintenance-window (?=[a-z])[\w-]+/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;

/** What is written into a file, a resource or a log, whose reader has no face beside it; and commands of AWS's own tool. */
const ARTEFACTS = {
  'aws/windows/parameter-store.ts': ['maintenance-window begin'],
  'core/deployment/alarms.ts': [
    'maintenance-window replays',
    'maintenance-window replays',
    'maintenance-window replays',
  ],
  'host/log.ts': ['maintenance-window begin'],
  'operator/setup/cloudformation.ts': ['maintenance-window begin'],
  'operator/setup/table.ts': [
    '--table-name',
    '--table-name',
    '--time-to-live-specification',
    '--table-name',
    '--point-in-time-recovery-specification',
    '--table-name',
    '--deletion-protection-enabled',
  ],
  'operator/setup/terraform.ts': ['maintenance-window setup', '--print', 'maintenance-window begin'],
  // a topic of the command line's help
  'operator/times/times-help.ts': ['--timezone'],
};

function controlsIn(code: string): readonly string[] {
  return code.replaceAll(COMMENT, '').match(CONTROL) ?? [];
}

describe('what no face has said', () => {
  it('names no option and no command of the command line', () => {
    const files = globSync('{core,aws,host,operator}/**/*.ts', { cwd: ROOT }).filter(
      (file) => !/^operator\/(?:cli|console)\//.test(file),
    );
    expect(files.length).toBeGreaterThan(120);
    const controls = files.sort().map((file) => [file, controlsIn(readFileSync(join(ROOT, file), 'utf8'))] as const);
    expect(Object.fromEntries(controls.filter(([, found]) => found.length > 0))).toEqual(ARTEFACTS);
  });

  it.each([
    ["throw fault('see  maintenance-window events list');", ['maintenance-window events']],
    ['warn(`it waits (--parameter names another one)`); // --table', ['--parameter']],
    ["/** As `--edit` has it. */ count--; note('the parameter maintenance-window, version 3');", []],
  ])('is searched as it should be: %s', (code, controls) => {
    expect(controlsIn(code)).toEqual(controls);
  });
});
