import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, type LoopbackServer, startScriptedService } from '../fakes/scripted-service.ts';

/**
 * Serves the packages that are installed in a project, each in the versions that stand there, so that `npm install` can be
 * run without a network.
 *
 * @param root the folder of its package-lock.json
 */
export async function startRegistry(root: string): Promise<LoopbackServer> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const foldersOf = (name: string) =>
    Object.keys(packages)
      .filter((place) => place.endsWith(`node_modules/${name}`) && existsSync(join(root, place, 'package.json')))
      .map((place) => join(root, place));
  return startScriptedService(({ path, headers }) => {
    const [, tarball = '', name = '', index = ''] =
      /^\/(tarballs\/)?(.*?)(?:\/(\d+))?$/.exec(decodeURIComponent(path)) ?? [];
    const folders = foldersOf(name);
    const [folder] = folders.slice(Number(index));
    if (!folder) return answers(404, {});
    if (tarball) return { kind: 'answer', status: 200, body: tarballOf(folder) };
    return answers(200, packumentOf(name, folders, `http://${headers.host}/tarballs/${name}`));
  });
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
