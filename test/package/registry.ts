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
 * Serves the packages that a folder `node_modules` holds, each in the version that stands there, so that `npm install` can be
 * run without a network.
 */
export async function startRegistry(modules: string): Promise<Registry> {
  const server = createServer(({ url = '' }, response) => {
    const [, tarball = '', name = ''] = /^\/(tarballs\/)?(.*)$/.exec(decodeURIComponent(url)) ?? [];
    const folder = join(modules, name);
    if (!existsSync(join(folder, 'package.json'))) response.writeHead(404).end('{}');
    else if (tarball) response.end(tarballOf(folder));
    else response.end(JSON.stringify(packumentOf(folder, `${origin()}/tarballs/${name}`)));
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
function packumentOf(folder: string, tarball: string) {
  const project = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version } = project;
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...project, dist: { tarball } } } };
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
