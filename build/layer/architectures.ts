/** The CPUs that layers are made for, by Lambda's names, each with Node's. */
export const ARCHITECTURES = { x86_64: 'x64', arm64: 'arm64' } as const;
