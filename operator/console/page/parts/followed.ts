import { useEffect, useState } from 'preact/hooks';
import type { Answer } from '../../answer.ts';
import type { Given } from '../api.ts';
import { type Followed, follow } from '../live.ts';

/**
 * What a look is answered now; undefined before the first answer. It is followed for as long as it is seen, as often as the server
 * finds that worth.
 */
export function useFollowed(name: string, given: Given = {}): Followed | undefined {
  const [answer, tell] = useState<Followed>();
  const asked = JSON.stringify([name, given]);
  useEffect(() => {
    tell(undefined);
    return follow(name, given, tell);
  }, [asked]);
  return answer;
}

/** The first result of an answer, as its command has it. */
export function resultOf<Shape>(answer: Answer | undefined): Shape | undefined {
  return answer?.results[0] as Shape | undefined;
}
