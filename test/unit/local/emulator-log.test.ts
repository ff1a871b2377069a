import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readEmulatorLine, readFunctionLine } from '../../../local/emulator/log.ts';
import { anyCharacter } from '../../data/characters.ts';

const ID = '654bd735-e6e8-4ddd-9de0-f545b3600365';
const AT = '21 Nov 2026 10:01:39,121';

it.each(['response', 'error'] as const)('reads that the runtime posted its %s', (what) => {
  const line = `${AT} [DEBUG] (rapid) API request - POST /2018-06-01/runtime/invocation/${ID}/${what}, Headers:map[Accept:[*/*]]`;
  expect(readEmulatorLine(line)).toEqual({ kind: 'posted', id: ID, what });
});

it.each([
  `${AT} [DEBUG] (rapid) API request - GET /2018-06-01/runtime/invocation/next, Headers:map[Accept:[*/*]]`,
  `${AT} [INFO] (rapid) INVOKE RTDONE(status: success, produced bytes: 0, duration: 6.890000ms)`,
  `${AT} [WARNING] (rapid) Reset initiated: Timeout`,
  '',
])('passes over the emulator’s chatter: %s', (line) => {
  expect(readEmulatorLine(line)).toEqual({ kind: 'own' });
});

it.each([
  `${AT} [ERROR] (rapid) Invoke failed error=Runtime exited with error: exit status 3 InvokeID=${ID}`,
  `${AT} [PANIC] (rapid) listen tcp 127.0.0.1:9220: bind: address already in use`,
  'panic: (*logrus.Entry) 0x3ee027388150',
])('shows the emulator’s troubles: %s', (line) => {
  expect(readEmulatorLine(line)).toEqual({ kind: 'trouble' });
});

it.each([
  [`START RequestId: ${ID} Version: $LATEST`, 'start'],
  [`END RequestId: ${ID}`, 'end'],
  [`REPORT RequestId: ${ID}\tInit Duration: 0.02 ms\tDuration: 36.32 ms`, 'report'],
])('tells Lambda’s own lines from the function’s: %s', (line, kind) => {
  expect(readFunctionLine(line)).toEqual({ kind, id: ID, before: '' });
});

it('keeps what the function wrote in front of them without a newline', () => {
  expect(readFunctionLine(`no newlineEND RequestId: ${ID}`)).toEqual({ kind: 'end', id: ID, before: 'no newline' });
});

it.each(['END RequestId: none', 'the END', `RequestId: ${ID}`, ''])('takes all else for the function’s: %s', (line) => {
  expect(readFunctionLine(line)).toEqual({ kind: 'function' });
});

it('never throws, whatever is written', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter() }), (line) => {
      readEmulatorLine(line);
      readFunctionLine(line);
    }),
  );
});
