import {
  GetParameterHistoryCommand,
  GetParametersCommand,
  type ParameterHistory,
  PutParameterCommand,
  SSMClient,
  type SSMClientConfig,
} from '@aws-sdk/client-ssm';
import { STANDARD_TIER_BYTES } from '../../core/windows/parameter-limits.ts';
import { hearAnswers } from '../request/sdk-client.ts';
import type { Hear } from '../time/aws-clock.ts';

/** A window parameter as it is now. */
export interface StoredParameter {
  /** As SSM has it. An ARN where the parameter is another account's. */
  readonly name: string;
  /** With account and region. A stand-in may not say it. */
  readonly arn?: string;
  readonly text: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

/** One version of a parameter. */
export interface ParameterVersion {
  readonly version: number;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  /** ARN of whoever wrote it. */
  readonly modifiedBy?: string;
  /**
   * What a write has to say again: without its key a SecureString goes to the account's default key, and without its tier an
   * advanced parameter is refused as a standard one. Type, tags and policies stay by themselves.
   */
  readonly attributes: ParameterAttributes;
}

type ParameterAttributes = Pick<ParameterHistory, 'Description' | 'KeyId' | 'AllowedPattern' | 'DataType' | 'Tier'>;

/** SSM's window parameters, for somebody who edits them. Faults are the SDK's own. */
export interface ParameterStore {
  /** Undefined where there is none. */
  read(name: string): Promise<StoredParameter | undefined>;
  /** Every version that SSM still has (the last 100), oldest first. Rejects with `ParameterNotFound`. */
  history(name: string): Promise<readonly ParameterVersion[]>;
  /**
   * Overwrites the parameter, and says the version that it has now. SSM has no conditional write: see `replaceText`.
   * Sends one request and never a second one: a try whose answer is lost may have written all the same.
   */
  write(name: string, text: string, attributes: ParameterAttributes): Promise<number>;
  /**
   * Makes the parameter, and says its version; undefined where there is one already. The one write that is conditional in
   * SSM. It has no tags, for which SSM asks another permission.
   */
  create(name: string, text: string): Promise<number | undefined>;
  close(): void;
}

const DESCRIPTION = 'Maintenance windows. Edited by maintenance-window begin, end and schedule.';
/** Source: AWS Systems Manager API reference, "GetParameterHistory". */
const VERSIONS_A_PAGE = 50;

/**
 * @param config region, credentials, endpoint
 * @param hear told of each answer
 */
export function createParameterStore(config: SSMClientConfig, hear?: Hear): ParameterStore {
  const client = new SSMClient(config);
  const writer = new SSMClient({ ...config, maxAttempts: 1 });
  if (hear) for (const each of [client, writer]) hearAnswers(each, hear);
  return { read, history, write, create, close };

  async function read(asked: string): Promise<StoredParameter | undefined> {
    const { Parameters } = await client.send(new GetParametersCommand({ Names: [asked], WithDecryption: true }));
    const found = Parameters?.[0];
    if (!found) return undefined;
    const { Name: name = asked, ARN: arn, Value: text = '', Version: version = 0, LastModifiedDate: modified } = found;
    return { name, ...(arn && { arn }), text, version, modifiedAt: modified?.getTime() ?? Number.NEGATIVE_INFINITY };
  }

  async function history(name: string): Promise<readonly ParameterVersion[]> {
    const versions: ParameterVersion[] = [];
    let from: string | undefined;
    do {
      const page = await client.send(
        new GetParameterHistoryCommand({
          Name: name,
          WithDecryption: true,
          MaxResults: VERSIONS_A_PAGE,
          ...(from && { NextToken: from }),
        }),
      );
      versions.push(...(page.Parameters ?? []).map(versionOf));
      from = page.NextToken;
    } while (from);
    return versions.sort((a, b) => a.version - b.version);
  }

  async function write(name: string, text: string, attributes: ParameterAttributes): Promise<number> {
    const advanced = Buffer.byteLength(text) > STANDARD_TIER_BYTES;
    const { Version = 0 } = await writer.send(
      new PutParameterCommand({
        Name: name,
        Value: text,
        Overwrite: true,
        ...attributes,
        ...(advanced && { Tier: 'Advanced' as const }),
      }),
    );
    return Version;
  }

  async function create(name: string, text: string): Promise<number | undefined> {
    const Tier = Buffer.byteLength(text) > STANDARD_TIER_BYTES ? 'Advanced' : 'Standard';
    const made = { Name: name, Value: text, Type: 'String', Tier, Description: DESCRIPTION, Overwrite: false } as const;
    try {
      return (await writer.send(new PutParameterCommand(made))).Version;
    } catch (error) {
      if (error instanceof Error && error.name === 'ParameterAlreadyExists') return undefined;
      throw error;
    }
  }

  function close(): void {
    client.destroy();
    writer.destroy();
  }
}

function versionOf(entry: ParameterHistory): ParameterVersion {
  const { Version = 0, Value = '', LastModifiedDate, LastModifiedUser } = entry;
  const { Description, KeyId, AllowedPattern, DataType, Tier, Type } = entry;
  return {
    version: Version,
    text: Value,
    modifiedAt: LastModifiedDate?.getTime() ?? Number.NEGATIVE_INFINITY,
    ...(LastModifiedUser && { modifiedBy: LastModifiedUser }),
    attributes: {
      ...(Description && { Description }),
      ...(KeyId && Type === 'SecureString' && { KeyId }),
      ...(AllowedPattern && { AllowedPattern }),
      ...(DataType && { DataType }),
      ...(Tier === 'Advanced' && { Tier }),
    },
  };
}
