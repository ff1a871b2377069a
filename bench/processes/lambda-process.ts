/** The Runtime API of one client after the other, in a process of its own: what it costs is not measured. */
import { type RuntimeApi, startRuntimeApi } from '../../test/fakes/runtime-api.ts';
import { answerOrders } from './own-process.ts';

export type LambdaOrder =
  /** Ends the Runtime API before, if any, and starts one. Answers {@link Opened}. */
  | { readonly kind: 'open' }
  /** Hands over so many invocations, one at a time. Answers {@link Served} once the last one is answered. */
  | { readonly kind: 'serve'; readonly text: string; readonly count: number };

/** By which call an invocation is answered. */
export type AnsweredBy = 'response' | 'error';

export interface Opened {
  /** The value of `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
}

/** By position. Instants are nanoseconds of the monotonic clock, which all processes share. */
export interface Served {
  readonly handedOverAtNs: Float64Array;
  readonly answeredBy: AnsweredBy[];
  /** When the head of the request that answers it was read. */
  readonly answeredAtNs: Float64Array;
}

interface Serving extends Served {
  readonly text: string;
  done(): void;
}

let api: RuntimeApi | undefined;
let serving: Serving | undefined;
let begin: () => void = () => undefined;

answerOrders<LambdaOrder>((order) => (order.kind === 'open' ? open() : serve(order)));

async function open(): Promise<Opened> {
  await api?.close();
  serving = undefined;
  api = await startRuntimeApi({
    invocations: invocations(),
    record: 'counts',
    answer: ({ kind }) => {
      if (kind === 'response' || kind === 'error') noteAnswer(kind);
      return undefined;
    },
  });
  return { address: api.address };
}

async function serve({ text, count }: LambdaOrder & { kind: 'serve' }): Promise<Served> {
  const handedOverAtNs = new Float64Array(count);
  const answeredAtNs = new Float64Array(count);
  const answeredBy: AnsweredBy[] = [];
  await new Promise<void>((done) => {
    serving = { text, handedOverAtNs, answeredAtNs, answeredBy, done };
    begin();
  });
  return { handedOverAtNs, answeredAtNs, answeredBy };
}

async function* invocations(): AsyncGenerator<{ text: string }> {
  let done: Serving | undefined;
  for (;;) {
    const next = serving;
    if (!next || next === done) {
      await new Promise<void>((resolve) => {
        begin = resolve;
      });
      continue;
    }
    for (let position = 0; position < next.handedOverAtNs.length; position += 1) {
      next.handedOverAtNs[position] = nowNs();
      yield { text: next.text };
    }
    done = next;
  }
}

function noteAnswer(kind: AnsweredBy): void {
  if (!serving) return;
  serving.answeredAtNs[serving.answeredBy.length] = nowNs();
  serving.answeredBy.push(kind);
  if (serving.answeredBy.length === serving.answeredAtNs.length) serving.done();
}

function nowNs(): number {
  return Number(process.hrtime.bigint());
}
