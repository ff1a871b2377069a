import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExampleEvent } from '../../data/events.ts';
import { startRuntimeApi } from '../../fakes/runtime-api.ts';
import { AUTHORITY, type Certificate, startTlsFront } from '../../fakes/tls-front.ts';
import { type Client, FUNCTIONS_FOLDER, patchedClient, startClient, stockClient } from '../../worlds/client-process.ts';
import { activeWindows, type Surroundings, startSurroundings } from '../../worlds/surroundings.ts';

/** Who makes the client's connections, over TLS: its native sockets, or Node where these do not fit. */

const UNUSED = /^.*"maintenanceWindow":"native-sockets-unused".*$/gm;

let aws: Surroundings;
let folder: string;
let runs = 0;
beforeAll(async () => {
  aws = await startSurroundings(activeWindows());
  folder = mkdtempSync(join(tmpdir(), 'native-sockets-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await aws[Symbol.asyncDispose]();
});

interface Story {
  /** Changes the client's folder before it starts. */
  readonly change?: (folder: string) => void;
  readonly client?: Client;
  readonly certificate?: Certificate;
  readonly environment?: Readonly<Record<string, string>>;
  readonly handler?: string;
  readonly taskRoot?: string;
}

/** Two events inside a window: the first is to be stored, the second one is the handler's, which says what is loaded. */
async function told({
  change,
  client = change ? changedClient(change) : patchedClient(),
  certificate = 'localhost',
  environment = {},
  handler = 'surroundings.loaded',
  taskRoot = FUNCTIONS_FOLDER,
}: Story) {
  const { AWS_ENDPOINT_URL_SSM = '', AWS_ENDPOINT_URL_DYNAMODB = '' } = aws.environment;
  await using ssm = await startTlsFront(AWS_ENDPOINT_URL_SSM, certificate);
  await using dynamoDb = await startTlsFront(AWS_ENDPOINT_URL_DYNAMODB, certificate);
  const id = `event-${++runs}`;
  await using api = await startRuntimeApi({
    invocations: [{ id, text: '{"order":1}' }, { text: readExampleEvent('sqs') }],
    afterwards: 'hold',
  });
  await using running = startClient({
    client,
    handler,
    taskRoot,
    runtimeApi: api.address,
    environment: {
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
      NODE_EXTRA_CA_CERTS: AUTHORITY,
      MAINTENANCE_WINDOW_POLICY: '{"sqs":"dispatch"}',
      ...environment,
    },
  });
  await Promise.race([api.seen('answer', 2), running.exited]);
  running.kill('SIGKILL');
  const { stdout, stderr } = await running.exited;
  const [first, second] = api.requests.filter(({ kind }) => kind === 'response' || kind === 'error');
  return {
    answer: String(first?.body),
    loaded: String(second?.body),
    isStored: (await aws.eventItem(id)) !== undefined,
    unused: stdout.match(UNUSED) ?? [],
    readFailures: stdout.split('window-read-failed').length - 1,
    trusted: ssm.trusted() + dynamoDb.trusted(),
    log: `${stdout}${stderr}`,
  };
}

/** A client of this test's own, changed. */
function changedClient(change: (folder: string) => void): Client {
  const own = join(folder, `client-${++runs}`);
  cpSync(patchedClient().folder, own, { recursive: true });
  change(own);
  return patchedClient(own);
}

/** @returns the folder of a handler that closes what it did not open: of the event descriptors the last one, which is the sockets’ */
function closesTheWaker(): string {
  const own = mkdtempSync(join(folder, 'closing-'));
  writeFileSync(
    join(own, 'closing.mjs'),
    `import { closeSync, readdirSync, readlinkSync } from 'node:fs';
const isWaker = (each) => {
  try {
    return readlinkSync('/proc/self/fd/' + each).includes('eventfd');
  } catch {
    return false;
  }
};
closeSync(Math.max(...readdirSync('/proc/self/fd').filter(isWaker).map(Number)));
export const loaded = async () => 'nothing';`,
  );
  return own;
}

/** Has Node trust the authority, and tells nobody else: a root that the native sockets do not know. */
function trustedByNodeAlone(): Record<string, string> {
  const preload = join(folder, 'trust.mjs');
  writeFileSync(
    preload,
    `import { readFileSync } from 'node:fs';
import tls from 'node:tls';
tls.setDefaultCACertificates([readFileSync(${JSON.stringify(AUTHORITY)}, 'utf8')]);`,
  );
  return { NODE_EXTRA_CA_CERTS: '', NODE_OPTIONS: `--import=${pathToFileURL(preload)}` };
}

describe('the native sockets', () => {
  it('read windows and store an event; nothing of Node’s TLS and cryptography is loaded that stock does not load', async () => {
    const { loaded, ...patched } = await told({});
    expect(patched).toMatchObject({ isStored: true, unused: [], readFailures: 0, trusted: 2 });
    const stock = await told({ client: stockClient() });
    expect(JSON.parse(loaded)).toEqual(JSON.parse(stock.answer));
  });

  it('trust the certificates of a file that was written on Windows, as Node does', async () => {
    const file = join(folder, 'windows.pem');
    writeFileSync(file, `\ufeff${readFileSync(AUTHORITY, 'utf8').replaceAll('\n', '\r\n')}`);
    expect(await told({ environment: { NODE_EXTRA_CA_CERTS: file } })).toMatchObject({ isStored: true, unused: [] });
  });

  it('serve each of several threads', async () => {
    const environment = { AWS_LAMBDA_MAX_CONCURRENCY: '2', AWS_LAMBDA_NODEJS_WORKER_COUNT: '2' };
    expect(await told({ environment })).toMatchObject({ isStored: true, unused: [], readFailures: 0 });
  });
});

describe('Node makes the connections, as it always can,', () => {
  it.each<[string, Story, RegExp]>([
    [
      'where the sockets are not there',
      { change: (own) => rmSync(join(own, 'sockets.node')) },
      /cannot open shared object file/,
    ],
    [
      'where the system cannot load them',
      { change: (own) => writeFileSync(join(own, 'sockets.node'), 'no ELF') },
      /file too short|invalid ELF header/,
    ],
    ['with a flag that says whom to trust', { environment: { NODE_OPTIONS: '--tls-min-v1.2' } }, /--tls-min-v1/],
    [
      'with a store of certificates that the system has',
      { environment: { NODE_USE_SYSTEM_CA: '1' } },
      /NODE_USE_SYSTEM_CA is 1/,
    ],
  ])('%s, and one line says so', async (_, story, why) => {
    const { unused, ...rest } = await told(story);
    expect(rest).toMatchObject({ isStored: true, readFailures: 0 });
    expect(unused).toHaveLength(1);
    expect(unused[0]).toMatch(why);
    expect(unused[0]).toContain('\tWARN\t');
  });

  it('where certificates beside the roots cannot be read, which Node warns of and does without', async () => {
    const { unused, log } = await told({ environment: { NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem' } });
    expect(unused).toHaveLength(1);
    expect(unused[0]).toContain('/nowhere/ca.pem');
    expect(log).toContain('Ignoring extra certs');
  });

  it('where a handler closes the descriptor by which they are woken: an event is stored all the same', async () => {
    const { unused, loaded: _, ...rest } = await told({ handler: 'closing.loaded', taskRoot: closesTheWaker() });
    expect(rest).toMatchObject({ isStored: true, readFailures: 0 });
    expect(unused).toHaveLength(1);
    expect(unused[0]).toMatch(/localhost: ERR_SOCKETS_BROKEN: /);
  });

  it('where the operator says so, without a word', async () => {
    const { loaded, ...rest } = await told({ environment: { MAINTENANCE_WINDOW_SOCKETS: 'node' } });
    expect(rest).toMatchObject({ isStored: true, unused: [], readFailures: 0 });
    expect(loaded).toContain('NativeModule tls');
  });

  it('where it knows the root and the native sockets do not: no read and no event is lost for that', async () => {
    const { unused, ...rest } = await told({ environment: trustedByNodeAlone() });
    expect(rest).toMatchObject({ isStored: true, readFailures: 0, trusted: 2 });
    expect(unused).toHaveLength(1);
    expect(unused[0]).toMatch(/localhost: \w+: /);
  });
});

describe('nothing is sent, by whoever makes the connections,', () => {
  it.each<[string, Certificate, Record<string, string>, RegExp]>([
    [
      'to a host whose root nobody knows',
      'localhost',
      { NODE_EXTRA_CA_CERTS: '' },
      /unable to (?:get local issuer|verify the first) certificate/,
    ],
    ['to a host that is another one', 'elsewhere', {}, /ERR_TLS_CERT_ALTNAME_INVALID|altnames/],
    ['to a host whose certificate has expired', 'expired', {}, /certificate has expired/],
  ])('%s', async (_, certificate, environment, why) => {
    for (const sockets of ['native', 'node']) {
      const { log, ...rest } = await told({
        certificate,
        environment: { MAINTENANCE_WINDOW_ON_ERROR: 'defer', MAINTENANCE_WINDOW_SOCKETS: sockets, ...environment },
      });
      expect(rest).toMatchObject({ isStored: false, trusted: 0 });
      expect(rest.answer).toContain('MaintenanceWindow.DeferralFailed');
      expect(log).toMatch(why);
    }
  });
});
