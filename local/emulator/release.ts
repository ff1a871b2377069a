/**
 * Pinned release of the Runtime Interface Emulator, and where it can be fetched.
 *
 * GitHub publishes these two checksums for the assets of v1.37. The Python package carries the same two files, byte for
 * byte (https://github.com/aws/aws-sam-cli/pull/9209), so one checksum holds for both ways.
 */
export const EMULATOR_RELEASE = {
  version: '1.37',
  releaseUrl: 'https://github.com/aws/aws-lambda-runtime-interface-emulator/releases/download/v1.37',
  pythonPackage: 'aws-sam-cli==1.170.0',
  folderInWheel: 'samcli/local/rapid',
} as const;

/** One machine's file of that release. */
export interface EmulatorAsset {
  readonly name: string;
  readonly sha256: string;
}

const ASSETS: Readonly<Record<string, EmulatorAsset>> = {
  x64: {
    name: 'aws-lambda-rie-x86_64',
    sha256: '6b1e686e62ab2baf5759c412c4864276ef2a88b094fca53ec070637ccba9b9a5',
  },
  arm64: {
    name: 'aws-lambda-rie-arm64',
    sha256: 'ec2e5d09633d853834c008b1ef264bf834b258a94d551d2b2074966494b39a21',
  },
};

/**
 * The file for a machine, or nothing where there is none.
 *
 * @param architecture as `process.arch` has it
 */
export function assetFor(architecture: string): EmulatorAsset | undefined {
  return ASSETS[architecture];
}
