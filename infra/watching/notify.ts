import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { WORDS_SOURCE } from '../../core/words/words.ts';

/** What a topic is told, and of which table. */
export interface NotificationsProps {
  readonly topic: sns.ITopic;
  readonly tableName: string;
}

/** Tells a topic what the monitor and the drain say on the account's event bus, a sentence each. */
export class Notifications extends Construct {
  constructor(scope: Construct, id: string, { topic, tableName }: NotificationsProps) {
    super(scope, id);
    const { account, region } = events.EventField;
    const summary = events.EventField.fromPath('$.detail.summary');
    new events.Rule(this, 'Rule', {
      description: 'Maintenance windows and replays: what is said of them, for people.',
      eventPattern: { source: [WORDS_SOURCE], detail: { table: [tableName] } },
      targets: [
        new targets.SnsTopic(topic, {
          message: events.RuleTargetInput.fromText(`${summary}. Account ${account}, ${region}.`),
        }),
      ],
    });
  }
}
