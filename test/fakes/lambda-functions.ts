/** Lambda, as far as it tells of functions. https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
import type {
  EventSourceMappingConfiguration,
  FunctionConfiguration,
  GetFunctionEventInvokeConfigCommandOutput,
} from '@aws-sdk/client-lambda';
import {
  type Answer,
  answers,
  type Behaviour,
  fails,
  type LoopbackServer,
  startScriptedService,
} from './scripted-service.ts';

/** A function as Lambda tells of it. */
export interface ToldFunction extends Omit<FunctionConfiguration, 'Environment'> {
  readonly FunctionName: string;
  readonly Timeout: number;
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
  /** Told apart from the rest: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html */
  readonly reserved?: number;
  /** The same: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionEventInvokeConfig.html */
  readonly asynchronous?: Pick<GetFunctionEventInvokeConfigCommandOutput, 'DestinationConfig' | 'MaximumRetryAttempts'>;
}

/** A Lambda that tells of these functions. */
export interface LambdaFunctions extends LoopbackServer {
  /** Refuses to list: the operator's role of the construct may ask about one function only. */
  mayList: boolean;
  /** A parameter that those read, too, which read any. */
  alsoRead?: string | undefined;
  /** What Lambda polls, of all functions; undefined: it may not be asked. */
  mappings: readonly EventSourceMappingConfiguration[] | undefined;
  /** What becomes of a request instead of its answer. Undefined: it is answered. */
  instead: (path: string) => Behaviour | undefined;
}

/** Functions on one page of a list, so that a few make several pages. */
const PAGE = 2;

const ABOUT_ONE = /^\/20[\d-]+\/functions\/([^/]+)\/(configuration|concurrency|event-invoke-config)$/;

/** Starts it on a free port. */
export async function startLambdaFunctions(functions: readonly ToldFunction[]): Promise<LambdaFunctions> {
  const service = await startScriptedService(({ path }) => {
    const { pathname, searchParams } = new URL(path, 'http://lambda');
    const instead = lambda.instead(pathname);
    if (instead) return instead;
    const [, name = '', what] = ABOUT_ONE.exec(pathname) ?? [];
    if (what === 'configuration') return tell(name, described);
    if (what === 'concurrency') return tell(name, ({ reserved }) => ({ ReservedConcurrentExecutions: reserved }));
    if (what === 'event-invoke-config') return tell(name, ({ asynchronous }) => asynchronous);
    if (/event-source-mappings/.test(pathname)) {
      return lambda.mappings
        ? answers(200, { EventSourceMappings: lambda.mappings })
        : fails(403, 'AccessDeniedException', {
            Message: 'User: ada is not authorized to perform: lambda:ListEventSourceMappings',
          });
    }
    if (!lambda.mayList) {
      const Message = 'User: arn:aws:iam::012345678912:user/ada is not authorized to perform: lambda:ListFunctions';
      return fails(403, 'AccessDeniedException', { Message });
    }
    const from = Number(searchParams.get('Marker') ?? 0);
    const next = from + PAGE;
    return answers(200, {
      Functions: functions.slice(from, next).map(described),
      ...(next < functions.length && { NextMarker: String(next) }),
    });
  });
  const lambda: LambdaFunctions = Object.assign(service, { mayList: true, mappings: [], instead: () => undefined });
  return lambda;

  function described({ reserved: _, asynchronous: __, ...told }: ToldFunction): object {
    const { Variables } = told.Environment ?? {};
    const name = 'MAINTENANCE_WINDOW_PARAMETER';
    if (!Variables?.[name] || lambda.alsoRead === undefined) return told;
    return { ...told, Environment: { Variables: { ...Variables, [name]: `${Variables[name]},${lambda.alsoRead}` } } };
  }

  /** Undefined: there is no such thing. */
  function tell(name: string, about: (told: ToldFunction) => object | undefined): Answer {
    const found = functions.find(({ FunctionName }) => FunctionName === name);
    const answer = found && about(found);
    if (answer) return answers(200, answer);
    return fails(404, 'ResourceNotFoundException', { Message: `Function not found: ${name}` });
  }
}
