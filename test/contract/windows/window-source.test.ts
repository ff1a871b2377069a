import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createSharedWindows, followWindows, shareWindows } from '../../../aws/windows/shared-windows.ts';
import { createSsmWindowSource, type SsmWindowSourceOptions } from '../../../aws/windows/window-source.ts';
import type { WindowSource } from '../../../core/gate/ports.ts';
import { startSsm } from '../../../local/aws/ssm.ts';
import { createMemoryWindows, type MemoryWindows } from '../../fakes/memory/memory-windows.ts';
import { describeWindowSource, type WindowSourceHost } from './window-source.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const LOCAL = { AWS_REGION: 'eu-south-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
/** An endpoint given to the run, with the region and the credentials that came with it. */
const given = { ...process.env };
const givenUrl = given['AWS_ENDPOINT_URL_SSM'] ?? given['AWS_ENDPOINT_URL'];

/** The SDK takes all from the process's environment; a source that finds no keys in the one it is given asks the SDK. */
const NO_KEYS: Environment = {};

describeWindowSource('in memory', inMemory());
describeWindowSource(
  'over the local SSM, signed here',
  overSsm(localSsm, (environment) => environment),
);
describeWindowSource(
  'over the local SSM, by the SDK',
  overSsm(localSsm, () => NO_KEYS),
);
describeWindowSource(
  'that follows another one, which reads over the local SSM',
  overSsm(
    localSsm,
    (environment) => environment,
    (options) => {
      const shared = createSharedWindows();
      void shareWindows(shared, createSsmWindowSource(options));
      return followWindows(shared, options);
    },
  ),
);
if (givenUrl) {
  const place = async () => ({ environment: { ...LOCAL, ...given }, close: async () => undefined });
  describeWindowSource(
    `over ${givenUrl}, signed here`,
    overSsm(place, (environment) => environment),
  );
  describeWindowSource(
    `over ${givenUrl}, by the SDK`,
    overSsm(place, () => NO_KEYS),
  );
}

async function localSsm() {
  const ssm = await startSsm();
  return { environment: { ...LOCAL, AWS_ENDPOINT_URL_SSM: ssm.url }, close: ssm.close };
}

function overSsm(
  start: () => Promise<{ environment: Environment; close(): Promise<void> }>,
  seenBySource: (environment: Environment) => Environment,
  create: (options: SsmWindowSourceOptions) => WindowSource = createSsmWindowSource,
): WindowSourceHost {
  return {
    async open() {
      const { environment, close } = await start();
      setEnvironment(environment);
      const operator = new SSMClient({});
      return {
        put: async (Name, Value) => {
          await operator.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
        },
        remove: async (Name) => {
          await operator.send(new DeleteParameterCommand({ Name }));
        },
        create: (parts) => create({ ...parts, environment: seenBySource(environment) }),
        close: async () => {
          operator.destroy();
          setEnvironment(given);
          await close();
        },
      };
    },
  };
}

function setEnvironment(environment: Environment): void {
  for (const name of Object.keys(process.env).filter((name) => name.startsWith('AWS_'))) delete process.env[name];
  Object.assign(process.env, environment);
}

function inMemory(): WindowSourceHost {
  return {
    async open() {
      const texts = new Map<string, string>();
      const sources: MemoryWindows[] = [];
      const tell = (change: (source: MemoryWindows) => void) => {
        for (const source of sources) change(source);
      };
      return {
        put: async (name, text) => {
          texts.set(name, text);
          tell((source) => source.put(text, name));
        },
        remove: async (name) => {
          texts.delete(name);
          tell((source) => source.remove(name));
        },
        create: ({ config, ...parts }) => {
          const source = createMemoryWindows({ ...config, ...parts });
          for (const [name, text] of texts) source.put(text, name);
          sources.push(source);
          return source;
        },
        close: async () => undefined,
      };
    },
  };
}
