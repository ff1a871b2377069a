/**
 * An SSM over real HTTP that does what a test tells it: answers well, slowly, wrongly, in part, or not at all.
 * Its good answers are those of `GetParameters`; whoever needs SSM's rules uses `local/aws/ssm.ts`.
 */
import {
  type Behaviour,
  later,
  type ScriptedService,
  type SeenRequest as SeenByService,
  type ServerOptions,
  startServiceOf,
} from './scripted-service.ts';

/** A request as it came, and the parameters that it asks for. */
export interface SeenRequest extends SeenByService {
  readonly names: readonly string[];
}

/** Decides what becomes of a request. */
export type Script = (request: SeenRequest) => Behaviour | Promise<Behaviour>;

/** A server that follows a script. */
export type MisbehavingSsm = ScriptedService<SeenRequest>;

/** Starts the server on a free port of the loopback interface. */
export function startMisbehavingSsm(script: Script, options?: ServerOptions): Promise<MisbehavingSsm> {
  return startServiceOf((seen) => ({ ...seen, names: namesIn(seen.body) }), script, options);
}

function namesIn(body: string): readonly string[] {
  try {
    return JSON.parse(body).Names ?? [];
  } catch {
    return [];
  }
}

/** Answers well: the parameters with these texts exist, put at that time (epoch milliseconds), and no others. */
export function holds(texts: Readonly<Record<string, string>>, editedAt = Date.UTC(2026, 0, 1)): Script {
  return ({ names }) => {
    const Parameters = names
      .filter((name) => texts[name] !== undefined)
      .map((Name) => ({
        Name,
        Type: 'String',
        Value: texts[Name],
        Version: 1,
        LastModifiedDate: editedAt / 1_000,
        DataType: 'text',
      }));
    return ok({ Parameters, InvalidParameters: names.filter((name) => texts[name] === undefined) });
  };
}

/** Answers with this object. */
export function answersWith(body: object): Script {
  return () => ok(body);
}

export function ok(body: object): Behaviour {
  return { kind: 'answer', status: 200, body: JSON.stringify(body) };
}

/** Answers with an error of the service, in the form that SSM gives it: the code in the body. */
export function fails(status: number, code: string, message = ''): Script {
  return () => ({ kind: 'answer', status, body: JSON.stringify({ __type: code, ...(message && { message }) }) });
}

export const throttles: Script = fails(400, 'ThrottlingException', 'Rate exceeded');

export const breaksDown: Script = fails(500, 'InternalServerError', 'Something went wrong');

/** As IAM says it. */
export const denies: Script = fails(
  400,
  'AccessDeniedException',
  'User: arn:aws:sts::111122223333:assumed-role/orders/orders is not authorized to perform: ssm:GetParameters',
);

/** Refuses each call that asks for one of these parameters, as IAM does, and names the first of them. All others follow `script`. */
export function deniesAnyOf(denied: readonly string[], script: Script): Script {
  return (request) => {
    const name = request.names.find((asked) => denied.includes(asked));
    if (name === undefined) return script(request);
    const arn = name.startsWith('arn:') ? name : `arn:aws:ssm:eu-south-1:111122223333:parameter/${name}`;
    const message = `User: arn:aws:sts::111122223333:assumed-role/orders/orders is not authorized to perform: ssm:GetParameters on resource: ${arn} because no identity-based policy allows the ssm:GetParameters action`;
    return fails(400, 'AccessDeniedException', message)(request);
  };
}

/** Refuses each call that asks for one of these SecureStrings, whose key is disabled: it does not say for which. */
export function cannotDecryptAnyOf(sealed: readonly string[], script: Script): Script {
  const refuses = fails(
    400,
    'com.amazonaws.ssm#InvalidKeyId',
    'arn:aws:kms:eu-south-1:111122223333:key/1234abcd is disabled. (Service: AWSKMS; Status Code: 400; Error Code: DisabledException)',
  );
  return (request) => (request.names.some((asked) => sealed.includes(asked)) ? refuses : script)(request);
}

/** JSON of another shape than SSM's. */
export const answersOtherwise: Script = () => ({ kind: 'answer', status: 200, body: '{"Parameters":[null]}' });

/** 200, and no JSON. */
export const talksNonsense: Script = () => ({ kind: 'answer', status: 200, body: '<html>Please log in</html>' });

export const isSilent: Script = () => ({ kind: 'hang' });

/** Breaks off in the middle of a good answer. */
export const breaksOff: Script = () => ({
  kind: 'cut',
  during: { kind: 'answer', status: 200, body: '{"Parameters":[{"Name":"maintenance-window","Va' },
});

export const resets: Script = () => ({ kind: 'reset' });

/** Follows `script` after a while. */
export function delayed(delayMs: number, script: Script): Script {
  return later(delayMs, script);
}

/** Follows one script after the other, a request each, and the last for ever. */
export function inTurn(...scripts: readonly [Script, ...Script[]]): Script {
  let turn = 0;
  return (request) => {
    const script = scripts[Math.min(turn, scripts.length - 1)] ?? scripts[0];
    turn += 1;
    return script(request);
  };
}

/** A token bucket, as in front of SSM: so many requests a second follow `script`, that many at once; all others are throttled. */
export function limited(perSecond: number, script: Script): Script {
  let tokens = perSecond;
  let filledAt = performance.now();
  return (request) => {
    const now = performance.now();
    tokens = Math.min(perSecond, tokens + ((now - filledAt) / 1_000) * perSecond);
    filledAt = now;
    if (tokens < 1) return throttles(request);
    tokens -= 1;
    return script(request);
  };
}

/** Takes no request that was signed by another clock than its own, which is ahead of the one here by so much. */
export function withClock(aheadMs: number, status: number, then: Script): Script {
  return (request) => {
    const now = Date.now() + aheadMs;
    const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date'])) ?? [];
    const [y = 0, month = 0, d = 0, h = 0, m = 0, s = 0] = parts.map(Number);
    if (Math.abs(Date.UTC(y, month - 1, d, h, m, s) - now) < SIGNATURE_GOOD_MS) return then(request);
    const code = 'InvalidSignatureException';
    return {
      kind: 'answer',
      status,
      body: JSON.stringify({ __type: code, message: 'Signature expired' }),
      headers: { Date: new Date(now).toUTCString(), 'x-amzn-errortype': code },
    };
  };
}

const SIGNATURE_GOOD_MS = 300_000;
