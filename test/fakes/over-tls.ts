import { askOf, type LoopbackServer, startScriptedService } from './scripted-service.ts';

/** Puts TLS in front of a stand-in that speaks plain HTTP: a server that hands everything on. */
export function startTlsFront(target: string): Promise<LoopbackServer> {
  return startScriptedService((request) => askOf(target, request), { tls: true });
}
