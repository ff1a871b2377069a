import type { Caller } from '../../aws/request/caller.ts';
import { withinLimit } from '../../aws/time/time-limit.ts';
import type { Operator } from './operator.ts';

/** Where an operator works, as far as AWS says. */
export interface Whereabouts extends Caller {
  readonly region: string;
  /** Endpoint of SSM, where it is not AWS's own. */
  readonly endpoint?: string;
  /** Why the account is not known. */
  readonly accountUnknown?: string;
}

/** Upper bound for what is good to know and can be done without. */
const ANSWER_LIMIT_MS = 1_500;

/**
 * Says in which account and region an operator works. The account is that of the credentials where their provider says it (SSO, an
 * assumed role, `AWS_ACCOUNT_ID`), else STS is asked; what STS and IAM do not answer in a second and a half is absent.
 *
 * @param wish `arn`: also who it is, for which STS is asked in any case
 * @throws MaintenanceWindowError `MaintenanceWindow.Config` without a region, `MaintenanceWindow.Denied` without credentials
 */
export async function whereabouts(operator: Operator, wish: { readonly arn?: true } = {}): Promise<Whereabouts> {
  const { clientSettings, settings, asking } = operator;
  const { askAlias, askCaller, originOf } = await import('../../aws/request/caller.ts');
  const asked = {
    service: 'SSM',
    action: 'ssm:GetParameters',
    what: 'the credentials',
    waiting: () => ({ why: 'there are no AWS credentials yet' }),
  } as const;
  const origin = await asking(asked, () => originOf(clientSettings, settings.access.callerUrl));
  const { accountId: account } = origin.credentials;
  const [caller, alias] = await Promise.all([
    account && !wish.arn ? {} : withinLimit(askCaller(origin).catch(unknown), ANSWER_LIMIT_MS, noAnswer),
    withinLimit(askAlias(origin).catch(nothing), ANSWER_LIMIT_MS, nothing),
  ]);
  const { region, endpoint, services } = origin;
  const known = { ...(account && { account }), ...caller };
  return {
    region,
    ...(endpoint && { endpoint }),
    ...known,
    ...alias,
    ...(!known.account && !('accountUnknown' in known) && { accountUnknown: services ? 'STS does not say' : STAND_IN }),
  };
}

const STAND_IN = 'SSM’s endpoint is not AWS’s own, and none was given for STS';

function unknown(fault: unknown): Pick<Whereabouts, 'accountUnknown'> {
  const { name, message } = fault instanceof Error ? fault : new Error(String(fault));
  return { accountUnknown: `STS says: ${message === '' ? name : message}` };
}

function noAnswer(): Pick<Whereabouts, 'accountUnknown'> {
  return { accountUnknown: 'STS has not answered in time' };
}

function nothing(): Caller {
  return {};
}
