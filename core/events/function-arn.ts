/** The parts of a Lambda function's ARN. */
export interface FunctionArn {
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string;
  readonly region: string;
  /** Twelve digits. */
  readonly account: string;
  readonly functionName: string;
  /** Version or alias; absent where none is named. */
  readonly qualifier?: string;
}

/** Source: AWS Lambda API reference, "Invoke", FunctionName; a name as "CreateFunction" takes it. */
const FUNCTION_ARN =
  /^arn:(aws[a-z-]*):lambda:([a-z]{2,}(?:-[a-z]+)+-\d+):(\d{12}):function:([\w-]{1,64})(?::(\$LATEST(?:\.PUBLISHED)?|[\w-]{1,128}))?$/;

/** Takes a function's ARN apart. Undefined where it is none: a short form, another service's, a list of names. */
export function parseFunctionArn(text: string): FunctionArn | undefined {
  const [, partition, region, account, functionName, qualifier] = FUNCTION_ARN.exec(text) ?? [];
  if (!partition || !region || !account || !functionName) return undefined;
  return { partition, region, account, functionName, ...(qualifier !== undefined && { qualifier }) };
}
