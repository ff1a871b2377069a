import { SETTINGS } from '../../../core/gate/config.ts';
import { localZone } from '../../times/local-zone.ts';
import type { AddNoun } from '../command.ts';
import { DONE } from '../exit-code.ts';
import { withExamples } from '../help/examples.ts';
import type { Session } from '../session.ts';
import { optionOf, type SettingName, type Source } from '../settings.ts';

/** A setting, as `config` shows it. */
interface ShownSetting {
  readonly option: string;
  /** Absent: nothing is said, and `from` says who decides. */
  readonly value?: string;
  readonly from: string;
}

/** `config`: every setting, and where it comes from. */
export const addConfig: AddNoun = (program, acting) => {
  const command = program
    .command('config')
    .description('show every setting of this tool and where it comes from; asks nothing of AWS')
    .action(acting(config));
  withExamples(command, 'config', 'config --context production -o json');
};

async function config({ output, settings }: Session): Promise<number> {
  const { sources, contextFile } = settings;
  const shownSettings = (Object.keys(sources) as SettingName[]).map((name) => shownSetting(name, sources[name]));
  output.show({ settings: shownSettings, contexts: contextFile }, () =>
    [
      output.table(
        ['SETTING', 'VALUE', 'FROM'],
        shownSettings.map(({ option, value, from }) => [option, value ?? '', from]),
      ),
      '',
      `contexts  ${contextFile}`,
    ].join('\n'),
  );
  return DONE;
}

function shownSetting(name: SettingName, source: Source): ShownSetting {
  const option = optionOf(name);
  switch (source.kind) {
    case 'option':
      return { option, value: withoutPassword(source.text), from: 'the command line' };
    case 'environment':
      return { option, value: withoutPassword(source.text), from: source.name };
    case 'context':
      return { option, value: withoutPassword(source.text), from: `context ${source.name}` };
    case 'in-use':
      return { option, value: source.text, from: 'context use' };
    case 'default':
      return { option, ...defaultOf(name) };
  }
}

function defaultOf(name: SettingName): Omit<ShownSetting, 'option'> {
  switch (name) {
    case 'parameter':
      return { value: SETTINGS.parameters.default, from: 'default' };
    case 'table':
      return { value: SETTINGS.table.default, from: 'default' };
    case 'timezone': {
      const zone = localZone(undefined);
      return { ...(zone.kind === 'value' && { value: zone.value }), from: 'this machine' };
    }
    case 'profile':
    case 'region':
    case 'endpointUrl':
      return { from: 'AWS’s configuration' };
    case 'context':
      return { from: 'none' };
  }
}

/** An endpoint's URL may have a password, which is nobody's to see. */
function withoutPassword(text: string): string {
  const url = URL.parse(text);
  if (!url?.password) return text;
  url.password = '…';
  return decodeURI(url.href);
}
