declare module 'asl-validator' {
  interface Options {
    readonly checkPaths?: boolean;
    readonly checkArn?: boolean;
  }

  /** @see https://github.com/ChristopheBougere/asl-validator */
  export default function validate(
    definition: object,
    options?: Options,
  ): { readonly isValid: boolean; errorsText(separator?: string): string };
}
