/**
 * The constructs for the AWS CDK, as `@maintenance-window/lambda/cdk` has them: docs/deploying.md.
 *
 * ```ts
 * import { MaintenanceWindow } from '@maintenance-window/lambda/cdk';
 *
 * const maintenance = new MaintenanceWindow(stack, 'Maintenance', { monitor: true, alarms: {} });
 * maintenance.protectAll(stack);
 * ```
 */
import '../infra/checks/peers.ts'; // first: the others import the peers

export { MaintenanceWindowError } from '../core/errors.ts';
export type { Pattern } from '../core/patterns/pattern.ts';
export type { Policy } from '../core/sources/policy.ts';
export type { Rule } from '../core/sources/rules.ts';
export type { IMaintenanceWindow, ProtectAllOptions, ProtectOptions } from '../infra/contract.ts';
export { MaintenanceWindowImageFunction, type MaintenanceWindowImageFunctionProps } from '../infra/image-function.ts';
export {
  MaintenanceWindow,
  type MaintenanceWindowNames,
  type MaintenanceWindowProps,
} from '../infra/maintenance-window.ts';
export type { MonitorProps } from '../infra/monitor.ts';
export type { EventsTableProps } from '../infra/parts/events-table.ts';
export type { StackWindow } from '../infra/parts/stack-windows.ts';
export type { WindowParameter, WindowParametersProps } from '../infra/parts/window-parameters.ts';
export type { AlarmsProps } from '../infra/watching/alarms.ts';
