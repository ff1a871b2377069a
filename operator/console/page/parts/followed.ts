import { useEffect, useState } from 'preact/hooks';
import type { Answer } from '../../answer.ts';
import { follow, type Given, look } from '../api.ts';

/** What a look is answered now; undefined before the first answer. It is followed for as long as it is seen. */
export function useFollowed(name: string, given: Given = {}): Answer | undefined {
  const [answer, tell] = useState<Answer>();
  const asked = JSON.stringify([name, given]);
  useEffect(() => {
    tell(undefined);
    return follow(name, given, tell);
  }, [asked]);
  return answer;
}

/** What a look is answered now, and again after each interval for as long as the page is seen. For what costs by the look. */
export function useLookedEach(name: string, given: Given, intervalMs: number): Answer | undefined {
  const [answer, tell] = useState<Answer>();
  const asked = JSON.stringify([name, given]);
  useEffect(() => {
    let isOver = false;
    const ask = () =>
      look(name, given).then(
        (told) => !isOver && tell(told),
        () => undefined,
      );
    tell(undefined);
    void ask();
    const timer = setInterval(() => !document.hidden && void ask(), intervalMs);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [asked, intervalMs]);
  return answer;
}

/** The first result of an answer, as its command has it. */
export function resultOf<Shape>(answer: Answer | undefined): Shape | undefined {
  return answer?.results[0] as Shape | undefined;
}
