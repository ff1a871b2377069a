/** The rules of the house, as biome.json has them: which room may import which, and how docs/architecture.md draws that. */
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, normalize } from 'node:path';

interface Override {
  readonly includes: readonly string[];
  readonly linter: {
    readonly rules: {
      readonly style?: {
        readonly noRestrictedImports?: {
          readonly options: { readonly patterns: readonly { readonly group: readonly string[] }[] };
        };
      };
    };
  };
}

/** A room and what it may import, both as paths from the root. A folder stands for all that is in it. */
export interface Room {
  readonly name: string;
  readonly imports: readonly string[];
}

/** What is no room: a rule may let it through, and nothing lives there. */
const NO_ROOMS = ['package.json'];

/**
 * Reads the rooms and their arrows out of biome.json. A rule names its exceptions relative to the importing file, so each
 * is resolved from every folder of the room. What does not exist, is the room itself, or lies in another exception is left out.
 */
export function readRooms(root: string): readonly Room[] {
  const { overrides } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as {
    overrides: readonly Override[];
  };
  return overrides.flatMap(({ includes, linter }) => {
    const patterns = linter.rules.style?.noRestrictedImports?.options.patterns;
    // A rule without this forbids single modules, and walls nothing off.
    if (!patterns?.some(({ group }) => group.includes('../**'))) return [];
    const allowed = patterns.flatMap(({ group }) => group).filter((pattern) => pattern.startsWith('!.'));
    return includes
      .map((glob) => glob.replace(/\/\*.*$/, ''))
      .filter((name) => existsSync(join(root, name)))
      .map((name) => ({ name, imports: importsOf(root, name, allowed) }));
  });
}

/** The rows of the table of rooms: what may be imported, in the order of the floors. */
export function importsText({ imports }: Room): string {
  return imports.length === 0 ? 'nothing' : imports.map((path) => `\`${path}\``).join(' ');
}

/**
 * The lines of the mermaid picture: one node a room, one box a wing of several rooms. Of arrows in a wing that follow from
 * others only those others are drawn; between wings every pair is one arrow.
 */
export function pictureOf(rooms: readonly Room[]): readonly string[] {
  const names = rooms.filter(({ name }) => name !== 'core').map(({ name }) => name);
  const boxes = [...new Set(names.map(wingOf))];
  const box = (wing: string) => {
    const inner = names.filter((name) => wingOf(name) === wing);
    if (inner.length === 1) return [`  ${idOf(wing)}["${wing}"]`];
    return [`  subgraph ${idOf(wing)}["${wing}"]`, ...inner.map((name) => `    ${idOf(name)}["${name}"]`), '  end'];
  };
  const arrows = rooms.flatMap(({ name, imports }) =>
    imports.flatMap((path) => {
      const room =
        names.findLast((other) => path === other || path.startsWith(`${other}/`)) ?? path.split('/')[0] ?? '';
      return wingOf(room) === wingOf(name) ? innerArrow(rooms, name, room) : [[wingOf(name), wingOf(room)]];
    }),
  );
  const lines = arrows.map(([from = '', to = '']) => `  ${idOf(from)} --> ${idOf(to)}`);
  return ['flowchart TD', ...boxes.flatMap(box), ...new Set(lines)];
}

/** No arrow where another room of the wing has both. */
function innerArrow(rooms: readonly Room[], from: string, to: string): readonly string[][] {
  if (from === to || to === wingOf(to)) return [];
  const importsOfRoom = (name: string) => rooms.find((room) => room.name === name)?.imports ?? [];
  const follows = importsOfRoom(from).some((between) => between !== to && importsOfRoom(between).includes(to));
  return follows ? [] : [[from, to]];
}

/** The wing that a room is drawn in. A face of the operator's and the rehearsal stand apart: they may import less than their wing. */
function wingOf(room: string): string {
  return /^(core|aws|operator(?!\/(cli|console)))\b/.exec(room)?.[0] ?? room;
}

function idOf(name: string): string {
  return name.replaceAll('/', '_');
}

function importsOf(root: string, name: string, allowed: readonly string[]): readonly string[] {
  const targets = allowed.flatMap((pattern) =>
    foldersOf(root, name).map((folder) => normalize(join(folder, pattern.slice(1).replace(/\/\*\*$/, '')))),
  );
  return [...new Set(targets)]
    .filter((target) => isInside(target) && !isIn(target, name) && globSync(target, { cwd: root }).length > 0)
    .filter((target) => !NO_ROOMS.includes(target))
    .filter((target, _, all) => !all.some((other) => other !== target && isIn(target, other)))
    .sort();
}

/** Below the root, and no pattern for the files that stand at the root itself. */
function isInside(target: string): boolean {
  return /^[a-z]/.test(target);
}

function isIn(target: string, folder: string): boolean {
  return target === folder || target.startsWith(`${folder}/`);
}

/** A room's folder, and the folders in it. */
function foldersOf(root: string, name: string): readonly string[] {
  const inner = readdirSync(join(root, name)).filter((entry) => statSync(join(root, name, entry)).isDirectory());
  return [name, ...inner.map((entry) => join(name, entry))];
}
