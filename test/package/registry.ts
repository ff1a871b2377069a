import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A registry of npm packages on this machine. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
}

/**
 * Serves the packages that are installed in a project, each in the versions that stand there, so that `npm install` can be
 * run without a network.
 *
 * @param root the folder of its package-lock.json
 */
export async function startRegistry(root: string): Promise<Registry> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const foldersOf = (name: string) =>
    Object.keys(packages)
      .filter((place) => place.endsWith(`node_modules/${name}`) && existsSync(join(root, place, 'package.json')))
      .map((place) => join(root, place));
  const server = createServer(({ url = '' }, response) => {
    const [, tarball = '', name = '', index = ''] =
      /^\/(tarballs\/)?(.*?)(?:\/(\d+))?$/.exec(decodeURIComponent(url)) ?? [];
    const folders = foldersOf(name);
    const [folder] = folders.slice(Number(index));
    if (!folder) response.writeHead(404).end('{}');
    else if (tarball) response.end(tarballOf(folder));
    else response.end(JSON.stringify(packumentOf(name, folders, `${origin()}/tarballs/${name}`)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin(),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a registry says of a package. Source: npm's docs, "package-metadata". */
function packumentOf(name: string, folders: readonly string[], tarballs: string) {
  const versions = folders.map((folder, index) => {
    const project = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return [project.version, { ...project, dist: { tarball: `${tarballs}/${index}` } }];
  });
  return { name, 'dist-tags': { latest: versions[0]?.[0] }, versions: Object.fromEntries(versions) };
}

function tarballOf(folder: string): Buffer {
  const words = [
    '--create',
    '--gzip',
    '--directory',
    folder,
    '--exclude=./node_modules',
    '--transform=s,^\\.,package,',
    '.',
  ];
  return execFileSync('tar', words, { maxBuffer: 1e9 });
}
