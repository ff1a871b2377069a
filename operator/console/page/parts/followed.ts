import { useEffect, useState } from 'preact/hooks';
import type { Answer } from '../../answer.ts';
import { type Given, isGone, refusalText } from '../api.ts';
import { type Followed, follow, lookOnce } from '../live.ts';

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

/** What a look came to that is asked once: its answer, why there is none, or neither while it is under way. */
export interface Once {
  readonly answer?: Answer;
  readonly refusal?: string;
  /** Asks once more. */
  readonly again: () => void;
}

/** What a look is answered that asks much: once for each question, and again where the console did not answer and is back. */
export function useLookedOnce(name: string, given: Given = {}): Once {
  const [told, tell] = useState<Omit<Once, 'again'>>({});
  const [times, setTimes] = useState(0);
  const asked = JSON.stringify([name, given, times]);
  const again = () => setTimes((before) => before + 1);
  useEffect(() => {
    const ended = new AbortController();
    const unlessEnded = (what: Omit<Once, 'again'>) => {
      // the answer to another question may come later
      if (!ended.signal.aborted) tell(what);
    };
    tell({});
    lookOnce(name, given, ended.signal).then(
      (answer) => unlessEnded({ answer }),
      (fault: unknown) => unlessEnded({ refusal: refusalText(fault) }),
    );
    return () => ended.abort();
  }, [asked]);
  const isThere = !isGone.value;
  useEffect(() => {
    if (isThere && told.refusal !== undefined) again();
  }, [isThere]);
  return { ...told, again };
}

/** The first result of an answer, as its command has it. */
export function resultOf<Shape>(answer: Answer | undefined): Shape | undefined {
  return answer?.results[0] as Shape | undefined;
}
