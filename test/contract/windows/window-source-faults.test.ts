/** The window source against an SSM that fails in every way a service can, over real connections. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSsmWindowSource } from '../../../aws/windows/window-source.ts';
import type { Config } from '../../../core/gate/config.ts';
import type { LogEntry, WindowSource } from '../../../core/gate/ports.ts';
import { NO_POLICY } from '../../../core/sources/policy.ts';
import { pause } from '../../fakes/scripted-service.ts';
import {
  answersOtherwise,
  answersWith,
  breaksDown,
  breaksOff,
  cannotDecryptAnyOf,
  delayed,
  denies,
  deniesAnyOf,
  fails,
  holds,
  inTurn,
  isSilent,
  limited,
  type MisbehavingSsm,
  resets,
  type Script,
  startMisbehavingSsm,
  talksNonsense,
  throttles,
} from '../../fakes/ssm-misbehaving.ts';
import { windowsInEngine } from '../../worlds/adapters-in-engine.ts';
import { hasEngine, type ProxyEngine, startProxyEngine } from '../../worlds/proxy-engine.ts';
import { useTurnClock } from '../../worlds/turn-clock.ts';

type Environment = Readonly<Record<string, string>>;

/** A source whose first read has begun. */
type Source = WindowSource & { readonly written: Promise<void> };

const NAME = 'maintenance-window';
const NOW = Date.parse('2026-11-21T01:00:00Z');
const ACTIVE = '2026-11-21T00:00:00Z,2026-11-21T04:00:00Z';
const GOOD = holds({ [NAME]: ACTIVE });
const NO_WINDOWS = '{"version":1,"windows":[]}';
const NONE = holds({ [NAME]: NO_WINDOWS });
const ARN = 'arn:aws:ssm:eu-south-1:111122223333:parameter/account/windows';

/** Where the source runs. Where cargo is missing there is no engine: the build has said so. */
const HERE = 'in Node';
const PLACES = [HERE, ...(hasEngine ? ["in the proxy's engine"] : [])];

useTurnClock();
let ssm: MisbehavingSsm;
let entries: LogEntry[];
let time: { now: number; chance?: number };
/** The engine of the proxy, where the source runs there. */
let engine: ProxyEngine | undefined;

beforeEach(async () => {
  ssm = await startMisbehavingSsm(GOOD);
  entries = [];
  time = { now: NOW };
});
afterEach(() => ssm.close());

describe.each(PLACES)('A window source %s', (place) => {
  beforeAll(async () => {
    if (place !== HERE) engine = await startProxyEngine();
  });
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]();
    engine = undefined;
  });

  describe('The first read', () => {
    describe.each(place === HERE ? ['signed', 'made by the SDK'] : ['signed'])('%s', (how) => {
      test.each<[string, Script]>([
        ['is throttled', throttles],
        ['is throttled in HTTP’s own way', fails(429, '')],
        ['meets a fault of the service', breaksDown],
        ['meets a gateway’s fault', fails(503, '')],
        ['meets a connection that is reset', resets],
        ['gets half an answer', breaksOff],
        ['gets nonsense', talksNonsense],
        ['gets JSON of another shape', answersOtherwise],
        ['gets no answer', isSilent],
      ])('is tried again where it %s', async (_, fault) => {
        ssm.behave(inTurn(fault, GOOD));
        const source = how === 'signed' ? create() : createBySdk();
        await source.start();
        expect(isActive(source)).toBe(true);
        expect(ssm.requests).toHaveLength(2);
        expect(entries).toEqual([]);
      });
    });

    test('gets through several faults', async () => {
      ssm.behave(inTurn(throttles, resets, throttles, breaksDown, talksNonsense, breaksOff, GOOD));
      expect(isActive(await started())).toBe(true);
      expect(ssm.requests).toHaveLength(7);
      expect(entries).toEqual([]);
    });

    test.each<[string, Script, RegExp]>([
      ['is denied', denies, /^AccessDeniedException: User: .* is not authorized/],
      ['is not valid', fails(400, 'com.amazonaws.ssm#ValidationException', 'no'), /^ValidationException: no$/],
      ['brings credentials that have expired', fails(400, 'ExpiredTokenException'), /^ExpiredTokenException$/],
      ['is refused without a word', fails(404, ''), /^HTTP 404$/],
    ])('is not tried again where it %s', async (_, refusal, cause) => {
      ssm.behave(inTurn(refusal, GOOD));
      const source = await started();
      expect(ssm.requests).toHaveLength(1);
      expect(isActive(source)).toBe(false);
      expect(entries).toEqual([
        {
          kind: 'window-read-failed',
          parameters: [NAME],
          cause: expect.stringMatching(cause),
          firstOfStreak: true,
          effect: 'it counts as no window until it can be',
        },
      ]);
    });

    test('is not tried again where a credential cannot be sent', async () => {
      const source = create({}, { AWS_SESSION_TOKEN: 'two\nlines' });
      await source.written;
      await sooner(source.start(), 3_000);
      expect(ssm.requests).toEqual([]);
      expect(entries).toMatchObject([
        { kind: 'window-read-failed', cause: expect.stringMatching(/X-Amz-Security-Token has a character that/) },
      ]);
      expect(JSON.stringify(entries)).not.toContain('two');
    });

    test('finds the error’s code in the header too', async () => {
      const headers = { 'x-amzn-ErrorType': 'ThrottlingException:http://internal.amazon.com/coral/' };
      ssm.behave(inTurn(() => ({ kind: 'answer', status: 400, body: '', headers }), GOOD));
      expect(isActive(await started())).toBe(true);
    });

    test('gives up long before INIT does, and counts as one failed read', async () => {
      const nobody = await startMisbehavingSsm(GOOD);
      await nobody.close();
      const cases: readonly [script: Script, environment: Environment, cause: RegExp][] = [
        [isSilent, {}, /^no answer within \d+ ms$/],
        [throttles, {}, /^ThrottlingException: Rate exceeded$/],
        [resets, {}, /ECONNRESET/],
        [GOOD, { AWS_ENDPOINT_URL_SSM: nobody.url }, /ECONNREFUSED/],
      ];
      await Promise.all(
        cases.map(async ([script, environment, cause]) => {
          const server = await startMisbehavingSsm(script);
          const told: LogEntry[] = [];
          const source = create({ onError: 'defer' }, { AWS_ENDPOINT_URL_SSM: server.url, ...environment }, told);
          await sooner(source.start(), 8_000);
          expect(isActive(source)).toBe(true);
          expect(source.staleAt).toBeGreaterThan(NOW);
          expect(told).toMatchObject([
            {
              cause: expect.stringMatching(cause),
              firstOfStreak: true,
              effect: 'the function counts as under maintenance until it can be',
            },
          ]);
          if (script !== GOOD) expect(server.requests.length).toBeGreaterThan(2);
          await server.close();
        }),
      );
    });

    test('is written before anybody waits for it', async () => {
      ssm.behave(delayed(400, GOOD));
      const source = create();
      await source.written;
      while (ssm.requests.length === 0) await pause(1);
      await source.start();
      expect(isActive(source)).toBe(true);
      expect(ssm.requests).toHaveLength(1);
    });

    test('lets loading go on where it cannot be written', async () => {
      await ssm.close();
      await sooner(create().written, 1_000);
    });

    test('asks for every parameter at once, decrypted, and takes a text of any length', async () => {
      const names = Array.from({ length: 10 }, (_, index) => `windows-${index}`);
      const long = JSON.stringify({
        version: 1,
        windows: [{ start: '2026-11-21T00:00:00Z', end: '2026-11-22T00:00:00Z', reason: 'x'.repeat(20_000) }],
      });
      ssm.behave(holds(Object.fromEntries(names.map((name) => [name, long]))));
      expect(isActive(await started({ parameters: names }))).toBe(true);
      expect(ssm.requests.map(({ body }) => JSON.parse(body))).toEqual([{ Names: names, WithDecryption: true }]);
    });

    test('of 200 environments that start at once succeeds for all, where SSM allows 40 reads a second', async () => {
      ssm.behave(limited(40, GOOD));
      const sources = Array.from({ length: 200 }, () => create());
      await Promise.all(sources.map((source) => source.start()));
      expect(sources.filter(isActive)).toHaveLength(200);
      expect(entries).toEqual([]);
      expect(ssm.requests.length).toBeGreaterThan(200);
    });
  });

  describe('Of several parameters, each stands or falls by itself', () => {
    const TEAM = 'team-windows';
    const OTHERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => `windows-${letter}`);
    const ALL = [...OTHERS, TEAM, ARN];
    const TEXTS = { ...Object.fromEntries(OTHERS.map((name) => [name, NO_WINDOWS])), [TEAM]: ACTIVE };
    const held = holds(TEXTS);
    const asked = () => ssm.requests.map(({ names }) => names.join());

    test('where one is denied, which is named', async () => {
      ssm.behave(deniesAnyOf([ARN], held));
      const source = await started({ parameters: [TEAM, ARN] });
      expect(isActive(source)).toBe(true);
      expect(asked().sort()).toEqual([ARN, TEAM, `${TEAM},${ARN}`].sort());
      expect(entries).toEqual([
        {
          kind: 'window-read-failed',
          parameters: [TEAM, ARN],
          cause: expect.stringMatching(
            /^arn:aws:ssm:eu-south-1:111122223333:parameter\/account\/windows: AccessDenied/,
          ),
          firstOfStreak: true,
          effect: 'it counts as no window until it can be',
        },
      ]);
    });

    test('where two of ten are, for a call each, and the others for one', async () => {
      ssm.behave(deniesAnyOf([ARN, 'windows-c'], held));
      expect(isActive(await started({ parameters: ALL }))).toBe(true);
      const others = ALL.filter((name) => name !== ARN && name !== 'windows-c');
      expect(asked()).toHaveLength(5);
      expect(asked()).toEqual(expect.arrayContaining([ALL.join(), others.join(), 'windows-c', ARN]));
      expect(entries).toMatchObject([{ cause: expect.stringMatching(/windows-c: Access.*; arn:.*: Access/s) }]);
    });

    test('where a name begins like that of a denied one', async () => {
      ssm.behave(deniesAnyOf(['windows-ab'], held));
      expect(isActive(await started({ parameters: ['windows-a', TEAM, 'windows-ab'] }))).toBe(true);
      expect(asked()).toHaveLength(3);
    });

    test.each<[string, (denied: readonly string[], script: Script) => Script]>([
      ['a key is disabled, which is not said of which', cannotDecryptAnyOf],
      [
        'one is not valid',
        (denied, script) => (request) =>
          (request.names.some((name) => denied.includes(name)) ? fails(400, 'ValidationException', 'no') : script)(
            request,
          ),
      ],
    ])('where %s', async (_, refusing) => {
      ssm.behave(refusing(['windows-d'], held));
      expect(isActive(await started({ parameters: ALL.slice(0, 9) }))).toBe(true);
      expect(asked()).toHaveLength(10);
      expect(entries).toMatchObject([{ cause: expect.stringMatching(/^windows-d: /) }]);
    });

    test('where all are denied, each says why', async () => {
      ssm.behave(deniesAnyOf(ALL, held));
      expect(isActive(await started({ parameters: [TEAM, ARN], onError: 'defer' }))).toBe(true);
      expect(entries).toMatchObject([{ cause: expect.stringMatching(/team-windows: Access.*; arn:.*: Access/s) }]);
    });

    test('where the service’s answer passes one over', async () => {
      const parameters = [{ Name: TEAM, Type: 'String', Value: ACTIVE }];
      ssm.behave(answersWith({ Parameters: parameters, InvalidParameters: [] }));
      const source = await started({ parameters: [TEAM, 'windows-a'] });
      expect(isActive(source)).toBe(true);
      expect(entries).toMatchObject([{ cause: 'windows-a: the answer says nothing of windows-a' }]);
    });

    test('and not where it is the keys that are refused: nothing is asked twice', async () => {
      ssm.behave(fails(400, 'ExpiredTokenException', 'expired'));
      await started({ parameters: ALL });
      expect(asked()).toEqual([ALL.join()]);
      expect(entries).toMatchObject([{ cause: 'ExpiredTokenException: expired' }]);
    });

    test('at a refresh that meets the denial for the first time, and keeps what was read before', async () => {
      ssm.behave(holds({ ...TEXTS, [TEAM]: NO_WINDOWS, [ARN]: NO_WINDOWS }));
      const source = await started({ parameters: [TEAM, ARN] });
      expect(isActive(source)).toBe(false);
      ssm.behave(deniesAnyOf([ARN], held));
      await sooner(source.refresh(), 2_000);
      expect(isActive(source)).toBe(true);
      expect(entries).toMatchObject([{ effect: 'what was read last stays in force' }]);
      ssm.behave(deniesAnyOf([TEAM], holds({ [ARN]: ACTIVE })));
      await source.refresh();
      expect(isActive(source)).toBe(true);
    });

    test('at later reads for a call more, until it is allowed again', async () => {
      ssm.behave(deniesAnyOf([ARN], held));
      const source = await started({ parameters: ALL });
      const together = ALL.filter((name) => name !== ARN).join();
      const before = ssm.requests.length;
      await source.refresh();
      expect(asked().slice(before).sort()).toEqual([ARN, together].sort());
      ssm.behave(holds({ ...TEXTS, [ARN]: ACTIVE }));
      await source.refresh();
      await source.refresh();
      expect(
        asked()
          .slice(before + 2)
          .sort(),
      ).toEqual([ARN, together, ALL.join()].sort());
    });

    test('and are asked for together again where the calls for them are throttled', async () => {
      const whole = cannotDecryptAnyOf(['windows-a'], held);
      let throttled = 9;
      ssm.behave((request) => {
        if (request.names.length === ALL.length || request.names.includes('windows-a')) return whole(request);
        throttled -= 1;
        return (throttled >= 0 ? throttles : held)(request);
      });
      expect(isActive(await started({ parameters: ALL }))).toBe(true);
      expect(asked()).toHaveLength(1 + ALL.length + 1);
      expect(asked().at(-1)).toBe(ALL.slice(1).join());
    });

    test('within the time of a refresh, also where the second calls are not answered', async () => {
      ssm.behave(holds({ ...TEXTS, [TEAM]: NO_WINDOWS, [ARN]: NO_WINDOWS }));
      const source = await started({ parameters: [TEAM, ARN] });
      const slow = delayed(600, deniesAnyOf([ARN], held));
      ssm.behave((request) => (request.names.length > 1 ? slow : isSilent)(request));
      await sooner(source.refresh(), 2_000);
      expect(isActive(source)).toBe(false);
      // What was found out is not lost: the next refresh begins with it.
      ssm.behave(deniesAnyOf([ARN], held));
      const before = ssm.requests.length;
      await source.refresh();
      expect(isActive(source)).toBe(true);
      expect(asked().slice(before).sort()).toEqual([ARN, TEAM].sort());
    });

    test.runIf(place === HERE)('also where the SDK reads them', async () => {
      ssm.behave(deniesAnyOf([ARN], held));
      const source = createBySdk({ parameters: [TEAM, ARN] });
      await source.start();
      expect(isActive(source)).toBe(true);
      expect(entries).toMatchObject([{ cause: expect.stringMatching(/^arn:.*: AccessDeniedException: User/) }]);
    });
  });

  describe('An answer is sorted under the names that were asked for', () => {
    const answered = { Type: 'String', Value: ACTIVE };

    test.each<[string, object]>([
      ['an ARN', { ...answered, Name: 'something', ARN }],
      ['an ARN as name', { ...answered, Name: ARN }],
      ['the full name', { ...answered, Name: '/account/windows' }],
      ['the name without its slash', { ...answered, Name: 'account/windows' }],
    ])('where an ARN is answered with %s', async (_, parameter) => {
      ssm.behave(answersWith({ Parameters: [{ ...parameter }], InvalidParameters: [] }));
      expect(isActive(await started({ parameters: [ARN] }))).toBe(true);
      expect(entries).toEqual([]);
    });

    test('where two accounts have the same name', async () => {
      const other = ARN.replace('111122223333', '444455556666');
      ssm.behave(
        answersWith({
          Parameters: [
            { Name: '/account/windows', ARN: other, Value: '{"version":1,"windows":[],"policy":{"sqs":"reject"}}' },
            { Name: '/account/windows', ARN, Value: '{"version":1,"windows":[],"policy":{"sqs":"dispatch"}}' },
          ],
        }),
      );
      expect((await started({ parameters: [ARN, other] })).reading.policy).toEqual({ sqs: 'reject' });
      expect((await started({ parameters: [other, ARN] })).reading.policy).toEqual({ sqs: 'dispatch' });
    });

    test('where the own account has the name of a shared one', async () => {
      const own = {
        Name: '/account/windows',
        ARN: ARN.replace('1111', '9999'),
        Value: '{"version":1,"windows":[],"policy":{"sqs":"reject"}}',
      };
      const shared = { Name: '/account/windows', ARN, Value: ACTIVE };
      const parameters = [ARN, '/account/windows'];
      for (const answers of [
        [own, shared],
        [shared, own],
      ]) {
        ssm.behave(answersWith({ Parameters: answers }));
        const source = await started({ parameters });
        expect(isActive(source)).toBe(true);
        expect(source.reading.policy).toEqual({ sqs: 'reject' });
      }
      ssm.behave(answersWith({ Parameters: [own], InvalidParameters: [ARN] }));
      await started({ parameters });
      expect(entries).toEqual([{ kind: 'window-missing', parameters: [ARN] }]);
    });

    test.each([ARN, '/account/windows'])('where %s does not exist', async (name) => {
      ssm.behave(answersWith({ Parameters: [], InvalidParameters: ['/account/windows'] }));
      await started({ parameters: [name] });
      expect(entries).toEqual([{ kind: 'window-missing', parameters: [name] }]);
    });

    test('and one that says nothing of a name is no answer', async () => {
      ssm.behave(inTurn(answersWith({ Parameters: [], InvalidParameters: [] }), answersWith([]), GOOD));
      expect(isActive(await started())).toBe(true);
      expect(ssm.requests).toHaveLength(3);
    });
  });

  describe('A refresh', () => {
    test.each<[string, Script]>([
      ['is throttled', throttles],
      ['is denied', denies],
      ['meets a fault of the service', breaksDown],
    ])('that %s is not tried again, and keeps what was read last', async (_, fault) => {
      const source = await started();
      ssm.behave(inTurn(fault, NONE));
      await source.refresh();
      expect(ssm.requests).toHaveLength(2);
      expect(isActive(source)).toBe(true);
      expect(entries).toMatchObject([{ firstOfStreak: true, effect: 'what was read last stays in force' }]);
      await source.refresh();
      expect(isActive(source)).toBe(false);
    });

    test.each<[string, Script, RegExp]>([
      ['half an answer', breaksOff, /closed before the answer was whole/],
      ['a reset', resets, /ECONNRESET|closed before the answer/],
      ['nonsense', talksNonsense, /not JSON/],
      ['JSON of another shape', answersOtherwise, /TypeError/],
    ])('that meets %s again and again says so', async (_, script, cause) => {
      const source = await started();
      ssm.behave(script);
      await source.refresh();
      expect(isActive(source)).toBe(true);
      expect(ssm.requests).toHaveLength(3);
      expect(entries).toMatchObject([{ cause: expect.stringMatching(cause) }]);
    });

    test('holds nobody for long, where SSM is silent', async () => {
      const source = await started();
      ssm.behave(isSilent);
      await sooner(source.refresh(), 2_000);
      expect(isActive(source)).toBe(true);
      expect(entries).toMatchObject([{ kind: 'window-read-failed', firstOfStreak: true }]);
      expect(source.staleAt).toBeGreaterThan(time.now);
      ssm.behave(NONE);
      await source.refresh();
      expect(isActive(source)).toBe(false);
      expect(ssm.connections).toBe(2);
    });

    test('uses the connection that was kept', async () => {
      const source = await started();
      time.now += 200_000;
      await source.refresh();
      expect(ssm.connections).toBe(1);
      expect(ssm.requests).toHaveLength(2);
    });

    test.each([
      ['long idle', 301_000],
      ['of another time, the clock being set back', -1_000],
    ])('drops a connection that is %s', async (_, passedMs) => {
      const source = await started();
      time.now += passedMs;
      await source.refresh();
      expect(ssm.connections).toBe(2);
      expect(ssm.requests).toHaveLength(2);
    });

    test('does not notice that the peer has closed the kept connection', async () => {
      const source = await started();
      ssm.hangUp();
      ssm.behave(NONE);
      await source.refresh();
      expect(isActive(source)).toBe(false);
      expect(entries).toEqual([]);
    });

    test('is sent once more, on a new connection, where the kept one is reset', async () => {
      const source = await started();
      ssm.behave((request) => (request.before > 0 ? resets : NONE)(request));
      await source.refresh();
      expect(isActive(source)).toBe(false);
      expect(ssm.requests).toHaveLength(3);
      expect(ssm.connections).toBe(2);
      expect(entries).toEqual([]);
    });

    test('tries again like the first read while nothing is known', async () => {
      ssm.behave(denies);
      const source = await started();
      ssm.behave(inTurn(throttles, throttles, GOOD));
      await source.refresh();
      expect(isActive(source)).toBe(true);
      expect(ssm.requests).toHaveLength(4);
    });

    test('is shared by all who ask for it meanwhile', async () => {
      const source = await started();
      ssm.behave(delayed(50, NONE));
      await Promise.all([source.refresh(), source.refresh(), pause(20).then(() => source.refresh())]);
      expect(ssm.requests).toHaveLength(2);
      await source.refresh();
      expect(ssm.requests).toHaveLength(3);
    });

    test('during the first read waits for that one, and not for long', async () => {
      ssm.behave(delayed(1_300, GOOD));
      const source = create();
      await sooner(source.refresh(), 1_250);
      await source.start();
      expect(entries).toEqual([]);
    });
  });

  describe('After a failed read', () => {
    test('the pause grows from a second to a minute, and ends with the first good read', async () => {
      ssm.behave(denies);
      time.chance = 0.5;
      const source = await started({ ttlSeconds: 3600 });
      const pauses: number[] = [];
      for (let failed = 1; failed < 10; failed += 1) {
        pauses.push(source.staleAt - time.now);
        time.now = source.staleAt;
        await source.refresh();
      }
      expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((most) => most * 1_000 * 0.75));
      expect(entries.filter((entry) => entry.kind === 'window-read-failed' && entry.firstOfStreak)).toHaveLength(1);
      expect(entries).toHaveLength(10);
      ssm.behave(GOOD);
      await source.refresh();
      ssm.behave(denies);
      await source.refresh();
      expect(source.staleAt - time.now).toBe(750);
      expect(entries.at(-1)).toMatchObject({ firstOfStreak: true });
    });
  });
});

async function started(settings: Partial<Config> = {}): Promise<Source> {
  const source = create(settings);
  await source.start();
  return source;
}

function create(settings: Partial<Config> = {}, environment: Environment = {}, told = entries): Source {
  const parts = {
    config: {
      parameters: [NAME],
      table: 'unused',
      ttlSeconds: 60,
      onError: 'dispatch',
      policy: NO_POLICY,
      ...settings,
    } as const,
    functionName: 'orders',
    environment: {
      AWS_REGION: 'eu-south-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_SSM: ssm.url,
      ...environment,
    },
  };
  const log = { write: (entry: LogEntry) => void told.push(entry) };
  if (engine) return windowsInEngine(engine, parts, () => time, log);
  return createSsmWindowSource({
    ...parts,
    clock: { now: () => time.now, random: () => time.chance ?? Math.random() },
    log,
  });
}

/** No keys to be seen: the SDK finds them in the process's own environment. */
function createBySdk(settings: Partial<Config> = {}): Source {
  const keys = { AWS_REGION: 'eu-south-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
  Object.assign(process.env, keys, { AWS_ENDPOINT_URL_SSM: ssm.url });
  return create(settings, { AWS_ACCESS_KEY_ID: '' });
}

function isActive(source: WindowSource): boolean {
  return source.reading.stateAt(time.now).active !== undefined;
}

/** What `promise` resolves to, which must be before a timer of `limitMs` fires. */
function sooner<Value>(promise: Promise<Value>, limitMs: number): Promise<Value> {
  const late = pause(limitMs).then(() => {
    throw new Error(`not settled within ${limitMs} ms`);
  });
  late.catch(() => undefined);
  return Promise.race([promise, late]);
}
