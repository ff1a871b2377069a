/** Account and region to work in. The SDK finds what is absent: environment, profile, the machine's role. */
export interface Access {
  readonly profile?: string;
  readonly region?: string;
  /** One endpoint for every service. */
  readonly endpoint?: string;
}
