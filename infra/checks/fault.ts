import type { IConstruct } from 'constructs';
import { MaintenanceWindowError } from '../../core/errors.ts';

/**
 * Ends the synth with a fault of what the stack was given.
 *
 * @param at the construct that was given it; its path begins the message
 * @param message the place, what stands there, the remedy
 */
export function refuse(at: IConstruct, message: string): never {
  throw new MaintenanceWindowError('MaintenanceWindow.Config', `${at.node.path}: ${message}`);
}
