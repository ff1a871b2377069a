/** Hosts of the partitions whose console is another one than the world's. Source: AWS General Reference, "Partitions". */
const CONSOLES = [
  [/^cn-/, 'console.amazonaws.cn'],
  [/^us-gov-/, 'console.amazonaws-us-gov.com'],
] as const;

/** Lines of a function's log. */
export interface Logged {
  readonly functionName: string;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly until?: number;
  /** A text that each line has. */
  readonly text?: string;
}

/**
 * A function's log in AWS's own console, which asks who one is; undefined where it is no AWS. Of a function that logs into a group of
 * another name it is not the right one.
 */
export function logHref(
  { functionName, from, until, text }: Logged,
  where: { readonly region: string; readonly endpoint?: string } | undefined,
): string | undefined {
  if (where === undefined || where.endpoint !== undefined) return undefined;
  const { region } = where;
  const [, host = `${region}.console.aws.amazon.com`] = CONSOLES.find(([regions]) => regions.test(region)) ?? [];
  const facts = [
    ...(text === undefined ? [] : [`filterPattern=${encodeURIComponent(`"${text}"`)}`]),
    `start=${from}`,
    ...(until === undefined ? [] : [`end=${until}`]),
  ].join('&');
  const group = escaped(encodeURIComponent(`/aws/lambda/${functionName}`));
  return `https://${host}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${group}/log-events${escaped(`?${facts}`)}`;
}

/** As CloudWatch's page writes its place behind the `#`: with a dollar for the per cent. */
function escaped(text: string): string {
  return text.replace(/[^\w.~-]/g, (one) => encodeURIComponent(one).replaceAll('%', '$'));
}
