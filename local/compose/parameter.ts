import { ParameterAlreadyExists, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { windowsToText } from '../../core/windows/window.ts';

/** Makes a window parameter without windows. One that is there stays as it is. */
export async function createParameter(ssm: SSMClient, name: string): Promise<string> {
  const Value = windowsToText({ form: 'document', windows: [], policy: {} });
  try {
    await ssm.send(new PutParameterCommand({ Name: name, Type: 'String', Value }));
    return `parameter ${name} made: ${Value}`;
  } catch (error) {
    if (error instanceof ParameterAlreadyExists) return `parameter ${name} is there already`;
    throw error;
  }
}
