import { ParameterAlreadyExists, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { NO_WINDOWS } from '../../core/windows/window.ts';

/** Makes a window parameter without windows. One that exists stays as it is. */
export async function createParameter(ssm: SSMClient, name: string): Promise<'made' | 'exists'> {
  try {
    await ssm.send(new PutParameterCommand({ Name: name, Type: 'String', Value: NO_WINDOWS }));
    return 'made';
  } catch (error) {
    if (error instanceof ParameterAlreadyExists) return 'exists';
    throw error;
  }
}
