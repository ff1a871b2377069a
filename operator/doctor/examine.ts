import { readIdentity } from '../access/credentials.ts';
import type { Operator } from '../access/operator.ts';
import { type Finding, found } from './finding.ts';
import { examineFunctions, type FunctionsWish } from './functions.ts';
import { examineParameters } from './parameters.ts';
import { examineTable, isTableAbsent } from './table.ts';

/**
 * Looks whether maintenance windows are on: credentials, every window parameter, the table, and functions. Changes nothing.
 * What is denied, or not answered, is a finding, and the rest is looked at all the same.
 *
 * @throws MaintenanceWindowError where nothing can be looked at: `MaintenanceWindow.Config` without a region,
 *   `MaintenanceWindow.Denied` where credentials are missing or not accepted
 */
export async function examine(operator: Operator, wish: FunctionsWish): Promise<readonly Finding[]> {
  const identity = await readIdentity(operator);
  const [parameters, table] = await Promise.all([examineParameters(operator), examineTable(operator)]);
  const functions = await examineFunctions(operator, parameters, !isTableAbsent(table), wish);
  return [found('credentials', identity.region, 'ok', identity), ...parameters.findings, ...table, ...functions];
}
