/** Whose AWS it is. What is absent, the SDK finds where it always does: environment, profile, the machine's role. */
export interface Access {
  readonly profile?: string;
  readonly region?: string;
  /** One endpoint for every service. */
  readonly endpoint?: string;
}
