import { definitions } from '../terminal/wrap.ts';

/** What `-o json`, `--json` and `--jq` write. */
const FORMS = [
  ['-o json', 'all that a command tells, as one JSON value; of replay and events export a line for each event'],
  [
    '--json FIELDS',
    'these fields alone, commas between: a list of its rows where a command lists something, else one object. A field without a value is null. Without FIELDS it names those that there are, as does the help of the command',
  ],
  [
    '--jq EXPR',
    'what an expression of jq makes of the JSON: of that of --json, or without it of that of -o json. Each result is a line; a text is written as it is, without quotes. Of lines, each is filtered by itself',
  ],
] as const;

const EXAMPLES = [
  'maintenance-window events list --json id,function,status',
  "maintenance-window next --json id,start --jq '.[0].start'",
  "maintenance-window status --jq '.waiting.pending'",
  'maintenance-window events list --json id,status --jq \'.[] | join(" ")\'',
  "maintenance-window status --watch --jq '.active'",
];

/** The topic `formatting`, no wider than 80 columns. */
export const FORMATTING_HELP = `JSON, and what is shown of it:

${definitions(FORMS, 80)}

On a terminal, JSON has a line for each value. jq itself is in the package, and
sees no file and no variable of yours: https://jqlang.org/manual/v1.8/

An expression that jq cannot compile, or a field that there is not, is refused
with 64 before anything is done. Where an expression fails on what the command
tells, that is said, and the exit code is 64, unless the command has one itself.

Examples:
${EXAMPLES.map((line) => `  ${line}`).join('\n')}`;
