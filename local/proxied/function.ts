import { FAULTS, MaintenanceWindowError } from '../../core/errors.ts';
import { lookAtSources } from '../emulator/source-files.ts';
import { findFreePort } from '../port.ts';
import { environmentFor, type LocalFunction } from '../start.ts';
import { runProgram, type Surroundings } from './program.ts';
import type { Project } from './project.ts';

/** Names of the port that the proxy listens on: the first that is set wins. */
const PORT_NAMES = ['MAINTENANCE_WINDOW_PROXY_PORT', 'LRAP_LISTENER_PORT'] as const;
/** Where nobody listens, so that a rehearsal ends at once. */
const NOWHERE = '127.0.0.1:9';

/**
 * Makes a function of another language ready: builds it, loads it, and has the proxy read the settings.
 *
 * @param proxy the proxy's program
 * @param own the environment of whoever runs this
 * @throws `MaintenanceWindow.Missing`, or `MaintenanceWindow.Config` for a setting that is not allowed
 */
export async function makeReady(
  project: Project,
  proxy: string,
  own: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<LocalFunction> {
  const { taskRoot, name, place, codeRoot, sources } = project;
  const tools: Surroundings = { cwd: taskRoot, env: own, signal };
  const inside: Surroundings = { ...tools, env: environmentFor({ taskRoot, name, variables: {} }, own) };
  const make = async () => {
    const { command, load } = await project.build(tools);
    if (load) await rehearseLoading(load, inside, name);
    return command;
  };
  await rehearse(proxy, inside, own);
  let built: readonly string[] | undefined = await make();
  return {
    taskRoot,
    name,
    place,
    variables: {},
    async ready() {
      const runtime = built ?? (await make());
      built = undefined;
      return { command: [proxy, '--', ...runtime], variables: await portFor(own) };
    },
    look: () => lookAtSources(codeRoot, place, sources),
  };
}

/** The proxy itself reads its settings, and says what is wrong with them in the same words as in Lambda. */
async function rehearse(proxy: string, { cwd, env, signal }: Surroundings, own: Surroundings['env']): Promise<void> {
  const nowhere = {
    AWS_LAMBDA_RUNTIME_API: NOWHERE,
    AWS_ENDPOINT_URL_SSM: `http://${NOWHERE}`,
    AWS_ENDPOINT_URL_DYNAMODB: `http://${NOWHERE}`,
  };
  const { code, err } = await runProgram([proxy, '--', 'true'], {
    cwd,
    env: { ...env, ...nowhere, ...(await portFor(own)) },
    signal,
  });
  if (code === 0) return;
  const fault = code === FAULTS['MaintenanceWindow.Config'].exitCode ? 'Config' : 'Missing';
  throw new MaintenanceWindowError(
    `MaintenanceWindow.${fault}`,
    err.replace(/^maintenance-window: ERROR MaintenanceWindow\.\w+: /, '') || `The proxy ${proxy} does not start.`,
  );
}

/** As the runtime will, in the environment of the function. */
async function rehearseLoading(load: readonly string[], inside: Surroundings, name: string): Promise<void> {
  const { code, err } = await runProgram(load, inside);
  if (code === 0) return;
  throw new MaintenanceWindowError(
    'MaintenanceWindow.Missing',
    `the handler ${name} cannot be loaded from ${inside.cwd}: ${err}`,
  );
}

/** A port of this start's own, unless one was named. */
async function portFor(own: Readonly<Record<string, string | undefined>>): Promise<Record<string, string>> {
  if (PORT_NAMES.some((name) => own[name])) return {};
  return { [PORT_NAMES[0]]: String(await findFreePort()) };
}
