import { parseJson } from '../../core/text/json.ts';
import { isObject } from '../../core/text/shape.ts';
import type { HttpAnswer } from './http-answer.ts';

/** Error answer of AWS: a status other than 2xx, in either of its JSON protocols. */
export interface Refusal {
  /** `ThrottlingException`; empty where it says none. */
  readonly code: string;
  readonly message: string;
  /** All of it; undefined where it is no JSON object. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

/** Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html, "Operation error serialization". */
export function refusalIn({ headers, body }: HttpAnswer): Refusal {
  const json = parseObject(body);
  const told = headers['x-amzn-errortype'] ?? json?.['code'] ?? json?.['__type'] ?? '';
  // `com.amazonaws.ssm#ThrottlingException:http://…` is `ThrottlingException`.
  const code = String(told).replace(/:.*$/, '').replace(/^.*#/, '');
  return { code, message: String(json?.['message'] ?? json?.['Message'] ?? ''), json };
}

/** A JSON object; undefined for everything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const json = parseJson(text);
  return isObject(json) ? json : undefined;
}
