import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { IMaintenanceWindow, ProtectOptions } from './contract.ts';

/** A `DockerImageFunction` under the windows of a {@link IMaintenanceWindow}. */
export interface MaintenanceWindowImageFunctionProps extends lambda.DockerImageFunctionProps {
  readonly maintenanceWindow: IMaintenanceWindow;
  /** How it behaves inside a window. */
  readonly protect?: ProtectOptions;
}

/**
 * A function from an image that holds the client, protected from the beginning.
 *
 * ```ts
 * new MaintenanceWindowImageFunction(this, 'Orders', {
 *   code: lambda.DockerImageCode.fromImageAsset('./orders'),
 *   maintenanceWindow,
 *   protect: { policy: { direct: 'accept' } },
 * });
 * ```
 */
export class MaintenanceWindowImageFunction extends lambda.DockerImageFunction {
  constructor(scope: Construct, id: string, props: MaintenanceWindowImageFunctionProps) {
    const { maintenanceWindow, protect, ...own } = props;
    super(scope, id, own);
    maintenanceWindow.protect(this, protect);
  }
}
