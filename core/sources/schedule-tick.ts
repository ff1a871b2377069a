import { parseJson } from '../text/json.ts';
import { listAt, textAt } from '../text/shape.ts';

/** One run of a schedule. */
export interface ScheduleTick {
  /** The rule's or schedule's ARN. */
  readonly resource: string;
  /** When it was due. Epoch milliseconds. */
  readonly dueAt: number;
}

/**
 * Reads an event that a schedule sent: an EventBridge rule's, or EventBridge Scheduler's default envelope. Undefined for all
 * other events, those that name a resource but tell of something that happened to it included.
 * Sources: EventBridge user guide, "Creating a rule that runs on a schedule"; Scheduler user guide, "Adding context attributes".
 */
export function scheduleTickOf(text: string): ScheduleTick | undefined {
  const event = parseJson(text);
  const sender = textAt(event, 'source');
  const [resource] = listAt(event, 'resources');
  const dueAt = Date.parse(textAt(event, 'time'));
  const isTick = (sender === 'aws.events' || sender === 'aws.scheduler') && textAt(event, 'detail-type') === TICK;
  return isTick && typeof resource === 'string' && !Number.isNaN(dueAt) ? { resource, dueAt } : undefined;
}

const TICK = 'Scheduled Event';
