import * as cdk from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** By namespace: older versions of aws-cdk-lib lack the class, and nothing may be imported by name that is not there. */
const validations: typeof cdk.Validations | undefined = cdk.Validations;

/**
 * A warning at synth that can be acknowledged by its id: `Validations.of(at).acknowledge({ id, reason })`, or
 * `Annotations.of(at).acknowledgeWarning(id, reason)` where aws-cdk-lib is older than {@link cdk.Validations}.
 */
export function warn(at: IConstruct, id: string, message: string): void {
  if (validations && 'addWarning' in validations.prototype) validations.of(at).addWarning(id, message);
  else cdk.Annotations.of(at).addWarningV2(id, message);
}
