import type { Filtered } from './filter.ts';
import type { JsonView } from './view.ts';

/** Writes the JSON of a command as its view shows it. */
export interface JsonWriter {
  /** The whole of it. */
  whole(json: object): void;
  /** One of many; written within a tenth of a second. */
  line(json: object): void;
  /** One of many, where another text is written for it than for the one before. */
  change(json: object): void;
  /** One of very many. Resolves once there is room for more. */
  lineWithRoom(json: object): Promise<void>;
  /** Writes what is left. @returns whether the filter failed on anything */
  end(): boolean;
}

interface Outlets {
  /** Byte for byte, where it does not go to a terminal. */
  readonly write: (text: string) => Promise<void>;
  /** What the expression says on stderr. */
  readonly remark: (text: string) => void;
  /** Why the filter failed; for the first time alone. */
  readonly fail: (why: string) => void;
}

/** A run of jq takes milliseconds, and a replay may have a thousand events in a second: so many lines are one run. */
const GATHERING_MS = 100;
const GATHERED_CHARACTERS = 1_000_000;

export function createJsonWriter(view: JsonView, { write, remark, fail }: Outlets): JsonWriter {
  let gathered: string[] = [];
  let characters = 0;
  let timer: NodeJS.Timeout | undefined;
  let before: string | undefined;
  let hasFailed = false;
  return {
    whole(json) {
      void flush();
      void put(view.wholeResult(view.whole(json)));
    },
    line: gather,
    change(json) {
      const line = view.line(json);
      if (line === undefined) return;
      const filtered = view.results([line]);
      const text = filtered.results.join('\n');
      void put(text === before ? { ...filtered, results: [] } : filtered);
      before = text;
    },
    async lineWithRoom(json) {
      gather(json);
      if (characters >= GATHERED_CHARACTERS) await flush();
    },
    end() {
      void flush();
      return hasFailed;
    },
  };

  function gather(json: object): void {
    const line = view.line(json);
    if (line === undefined) return;
    gathered.push(line);
    characters += line.length;
    timer ??= setTimeout(flush, GATHERING_MS);
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length === 0) return;
    const inputs = gathered;
    [gathered, characters] = [[], 0];
    await put(view.results(inputs));
  }

  async function put({ results, remarks, fault }: Filtered): Promise<void> {
    const written = results.length === 0 ? undefined : write(results.map((text) => `${text}\n`).join(''));
    if (remarks !== '') remark(remarks);
    if (fault !== undefined && !hasFailed) fail(fault);
    hasFailed ||= fault !== undefined;
    await written;
  }
}
