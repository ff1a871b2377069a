import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { askOf, type LoopbackServer, startScriptedService } from '../fakes/scripted-service.ts';

const SET_CLOCK = pathToFileURL(join(import.meta.dirname, 'set-clock.mjs')).href;

/** The same services, for processes that come a while later: nobody has to wait until a lease or a heartbeat is over. */
export interface Later extends AsyncDisposable {
  /** In the place of the environment that it was made of. */
  readonly environment: Readonly<Record<string, string>>;
}

/** @param ms how much later. Answers are dated so, and the clock of a process with this environment is set so. */
export async function startLater(environment: Readonly<Record<string, string>>, ms: number): Promise<Later> {
  const servers: LoopbackServer[] = [];
  const changed: Record<string, string> = { NODE_OPTIONS: `--import ${SET_CLOCK}`, SET_CLOCK_MS: String(ms) };
  for (const [name, url] of Object.entries(environment)) {
    if (!name.startsWith('AWS_ENDPOINT_URL')) continue;
    const server = await startScriptedService(async (request) => {
      const answer = await askOf(url, request);
      return { ...answer, headers: { ...answer.headers, date: new Date(Date.now() + ms).toUTCString() } };
    });
    servers.push(server);
    changed[name] = server.url;
  }
  return {
    environment: { ...environment, ...changed },
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
