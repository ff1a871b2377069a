/** The event of an EventBridge rule's schedule, as JSON text. `more` overrides what it has. */
export function scheduledEvent(rule: string, time: string, more: object = {}): string {
  return JSON.stringify({
    version: '0',
    id: 'i',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '123456789012',
    time,
    region: 'eu-south-1',
    resources: [`arn:aws:events:eu-south-1:123456789012:rule/${rule}`],
    detail: {},
    ...more,
  });
}
