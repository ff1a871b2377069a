/** What a program of the build gives to what it calls, which asks no environment and prints nothing by itself. */
export interface Caller {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Is told before something that takes a minute. */
  readonly say: (line: string) => void;
}
