/** An SSM that takes its time, so that editors meet who would pass each other by otherwise. */
import { setTimeout as sleep } from 'node:timers/promises';
import { askOf, type LoopbackServer, operationOf, startScriptedService } from './scripted-service.ts';

/** A request that is about to be passed on. */
export interface PassingRequest {
  /** `PutParameter` */
  readonly operation: string;
  readonly parameter: string;
}

/** Called before a request is passed on, and waited for. */
export type BeforePassing = (request: PassingRequest) => Promise<unknown>;

/** Passes requests on to an SSM once `before` has resolved. */
export function startSlowSsm(target: string, before: BeforePassing): Promise<LoopbackServer> {
  return startScriptedService(async (request) => {
    const { Name = '', Names = [Name] } = JSON.parse(request.body);
    await before({ operation: operationOf(request), parameter: String(Names[0]) });
    return askOf(target, request);
  });
}

/** Waits for anything up to `longestMs`. */
export async function aWhile(longestMs: number): Promise<void> {
  await sleep(Math.random() * longestMs);
}
