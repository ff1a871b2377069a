/** STS and IAM as far as they say whose credentials these are. */
import { type ScriptedService, startScriptedService } from './scripted-service.ts';

/** What is answered; an absent name is denied, and `silent` services answer nothing. */
export interface CallerAnswers {
  readonly account?: string;
  readonly alias?: string;
  readonly silent?: true;
}

/** Starts both on one free port. */
export function startCallerServices({ account, alias, silent }: CallerAnswers): Promise<ScriptedService> {
  return startScriptedService(({ body }) => {
    if (silent) return { kind: 'hang' };
    const action = new URLSearchParams(body).get('Action');
    if (action === 'GetCallerIdentity' && account !== undefined) {
      return answer(
        200,
        `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
          <Arn>arn:aws:iam::${account}:user/ada</Arn><UserId>AIDA</UserId><Account>${account}</Account>
        </GetCallerIdentityResult></GetCallerIdentityResponse>`,
      );
    }
    if (action === 'ListAccountAliases' && alias !== undefined) {
      return answer(
        200,
        `<ListAccountAliasesResponse><ListAccountAliasesResult><IsTruncated>false</IsTruncated><AccountAliases>
          <member>${alias}</member></AccountAliases></ListAccountAliasesResult></ListAccountAliasesResponse>`,
      );
    }
    return answer(
      403,
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not allowed</Message></Error></ErrorResponse>',
    );
  });
}

function answer(status: number, body: string) {
  return { kind: 'answer', status, headers: { 'content-type': 'text/xml' }, body } as const;
}
