/** Lambda, as far as it tells of functions. https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html */
import { type Answer, answers, fails, type LoopbackServer, startScriptedService } from './scripted-service.ts';

/** A function as Lambda tells of it. */
export interface ToldFunction {
  readonly FunctionName: string;
  readonly Timeout: number;
  readonly PackageType?: 'Image' | 'Zip';
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
}

/** A Lambda that tells of these functions. */
export interface LambdaFunctions extends LoopbackServer {
  /** Refuses to list: the operator's role of the construct may ask about one function only. */
  mayList: boolean;
  /** A parameter that those read, too, which read any. */
  alsoRead?: string | undefined;
}

/** Functions on one page of a list, so that a few make several pages. */
const PAGE = 2;

/** Starts it on a free port. */
export async function startLambdaFunctions(functions: readonly ToldFunction[]): Promise<LambdaFunctions> {
  const service = await startScriptedService(({ path }) => {
    const { pathname, searchParams } = new URL(path, 'http://lambda');
    const [, name] = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/.exec(pathname) ?? [];
    if (name !== undefined) return tell(name);
    if (!lambda.mayList) {
      const Message = 'User: arn:aws:iam::012345678912:user/ada is not authorized to perform: lambda:ListFunctions';
      return fails(403, 'AccessDeniedException', { Message });
    }
    const from = Number(searchParams.get('Marker') ?? 0);
    const next = from + PAGE;
    return answers(200, {
      Functions: functions.slice(from, next).map(reading),
      ...(next < functions.length && { NextMarker: String(next) }),
    });
  });
  const lambda: LambdaFunctions = Object.assign(service, { mayList: true });
  return lambda;

  function reading(told: ToldFunction): ToldFunction {
    const { Variables } = told.Environment ?? {};
    const name = 'MAINTENANCE_WINDOW_PARAMETER';
    if (!Variables?.[name] || lambda.alsoRead === undefined) return told;
    return { ...told, Environment: { Variables: { ...Variables, [name]: `${Variables[name]},${lambda.alsoRead}` } } };
  }

  function tell(name: string): Answer {
    const found = functions.find(({ FunctionName }) => FunctionName === name);
    if (found) return answers(200, reading(found));
    return fails(404, 'ResourceNotFoundException', { Message: `Function not found: ${name}` });
  }
}
