import type { ReplayUrls } from './replay-process.ts';

/** Environment of the tool, of nobody in particular. */
export type ToolEnvironment = Readonly<Record<string, string>>;

/** Of a tool that asks the services which are measured with, and knows no files of whoever measures. */
export function toolEnvironment(urls: ReplayUrls): ToolEnvironment {
  return {
    ...urls,
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    TERM: 'xterm',
    SHELL: '/bin/sh',
    NO_COLOR: '1',
    TZ: 'UTC',
    AWS_REGION: 'eu-south-1',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
