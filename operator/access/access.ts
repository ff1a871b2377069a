/** Account and region to work in. The SDK finds what is absent: environment, profile, the machine's role. */
export interface Access {
  readonly profile?: string;
  readonly region?: string;
  /** One endpoint for every service. */
  readonly endpoint?: string;
  /** Endpoint to ask whose credentials these are, where one was given for that or for every service. */
  readonly callerUrl?: string;
  /** Files of AWS's configuration, in which a profile has to stand. Absent: not looked at. */
  readonly profileFiles?: readonly string[];
}
