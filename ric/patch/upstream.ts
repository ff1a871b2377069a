/**
 * What we use of upstream, `aws-lambda-ric` 4.0.2, as types. Nothing here is copied from it.
 * Source: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client (the `index.mjs` of the npm package)
 */

/** The package, the version and the very content that the patch was made for. */
export const UPSTREAM = {
  package: 'aws-lambda-ric',
  version: '4.0.2',
  file: 'index.mjs',
  sha256: '180651f3b1745cb68797cdba9a26c01da6c72b81c908400ebc6c27a43986c2e0',
  /** C libraries in upstream's native part, in the versions that its THIRD-PARTY-LICENSES names, and what they are compiled from. */
  linked: [
    {
      name: 'curl',
      archive: 'deps/curl.tar.xz',
      version: '7.83.1',
      license: 'curl',
      purl: 'pkg:generic/curl@7.83.1',
    },
    {
      name: 'aws-lambda-cpp',
      archive: 'deps/aws-lambda-cpp.tar.xz',
      version: '0.2.8',
      license: 'Apache-2.0',
      purl: 'pkg:github/awslabs/aws-lambda-cpp@v0.2.8',
    },
  ],
} as const;

/** Answer of `/next`. `bodyJson` is the event's text, not parsed yet. */
export interface InvocationRequest {
  readonly bodyJson: string;
  /** Lower-case names. The native client gives the deadline as a number and absent values as `""`; the alternative one gives strings. */
  readonly headers: Readonly<Record<string, string | number | undefined>>;
}

/** Upstream's Runtime API client (`RAPIDClient`). */
export interface UpstreamClient {
  nextInvocation(): Promise<InvocationRequest>;
  postInitError(error: Error): Promise<void>;
  readonly nativeClient: NativeClient;
  /** Of the Runtime API. */
  readonly hostname: string;
  readonly port: number;
}

/** Upstream's compiled part. Each call blocks the event loop, and ignores the HTTP outcome. */
export interface NativeClient {
  /** @param id percent-encoded */
  done(id: string, body: string): void;
  /** @param xrayCause goes to X-Ray, in a header */
  error(id: string, body: string, xrayCause: string): void;
}

/** Upstream's `LifecycleManager`. */
interface UpstreamLifecycle {
  readonly client: UpstreamClient;
}

/** Upstream's `Runtime`, as it is when it makes its invoke processor: the handler is loaded, nothing was invoked. */
export interface UpstreamRuntime {
  readonly handlerMetadata: { readonly streaming?: boolean };
  readonly isMultiConcurrent: boolean;
  readonly lifecycle: UpstreamLifecycle;
}
