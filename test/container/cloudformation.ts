import { setTimeout as pause } from 'node:timers/promises';

/** CloudFormation, as far as a deployment needs it: at an endpoint that believes any signature. */
export interface CloudFormation {
  /** Makes the stack or updates it, and waits until that is done. */
  deploy(
    stack: string,
    template: object,
    tags?: Readonly<Record<string, string>>,
    parameters?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** What a resource of the stack is called: the first one of its type. */
  nameOf(stack: string, type: string): Promise<string>;
  /** Deletes the stack, and waits until it is gone. */
  destroy(stack: string): Promise<void>;
}

const LIMIT_MS = 60_000;

/** Speaks the query protocol. Source: AWS CloudFormation API reference. */
export function createCloudFormation(endpoint: string, region: string): CloudFormation {
  return { deploy, nameOf, destroy };

  async function deploy(
    StackName: string,
    template: object,
    tags: Readonly<Record<string, string>> = {},
    parameters: Readonly<Record<string, string>> = {},
  ) {
    const isThere = (await statusOf(StackName)) !== undefined;
    const input = {
      StackName,
      TemplateBody: JSON.stringify(template),
      'Capabilities.member.1': 'CAPABILITY_IAM',
      ...members('Tags', 'Key', 'Value', tags),
      ...members('Parameters', 'ParameterKey', 'ParameterValue', parameters),
    };
    await ask(isThere ? 'UpdateStack' : 'CreateStack', input);
    await settles(StackName, /_COMPLETE$/);
  }

  /** A record as the query protocol lists it. */
  function members(list: string, key: string, value: string, record: Readonly<Record<string, string>>) {
    return Object.fromEntries(
      Object.entries(record).flatMap(([name, text], index) => [
        [`${list}.member.${index + 1}.${key}`, name],
        [`${list}.member.${index + 1}.${value}`, text],
      ]),
    );
  }

  async function nameOf(StackName: string, type: string): Promise<string> {
    const answer = await ask('DescribeStackResources', { StackName });
    const resources = answer.split('<member>').filter((member) => member.includes(`<ResourceType>${type}<`));
    return /<PhysicalResourceId>([^<]+)</.exec(resources[0] ?? '')?.[1] ?? '';
  }

  async function destroy(StackName: string) {
    await ask('DeleteStack', { StackName });
    await settles(StackName, /^DELETE_COMPLETE$/);
  }

  async function settles(stack: string, wanted: RegExp) {
    for (const until = Date.now() + LIMIT_MS; ; await pause(100)) {
      const status = (await statusOf(stack)) ?? 'DELETE_COMPLETE';
      if (/ROLLBACK|FAILED/.test(status) || Date.now() > until) throw new Error(`${stack} is ${status}`);
      if (wanted.test(status)) return;
    }
  }

  async function statusOf(StackName: string): Promise<string | undefined> {
    const answer = await ask('DescribeStacks', { StackName }).catch(() => '');
    return /<StackStatus>(\w+)<\/StackStatus>/.exec(answer)?.[1];
  }

  async function ask(Action: string, input: Readonly<Record<string, string>>): Promise<string> {
    const credential = `Credential=test/20261128/${region}/cloudformation/aws4_request`;
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { Authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=${'0'.repeat(64)}` },
      body: new URLSearchParams({ Action, Version: '2010-05-15', ...input }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${Action}: ${response.status} ${text}`);
    return text;
  }
}
