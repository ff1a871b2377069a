import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript-with-api';
import { describe, expect, it } from 'vitest';
import { recogniseSource } from '../../../core/sources/recognise.ts';
import { ASKED, ASKED_FOR_PRESENCE, MAPS } from '../../../proxy/outline.ts';
import { EXAMPLE_EVENTS, readExampleEvent } from '../../data/events.ts';

const SOURCES = join(import.meta.dirname, '..', '..', '..', 'core', 'sources');
/** Reads answers, and no events. */
const NOT_OF_EVENTS = ['batch-failures.ts'];
/** The functions of `core/text/shape.ts` that ask for names: in their one object, or by their further arguments. */
const BY_FIELDS = ['object', 'exactly'];
const BY_PATH = ['at', 'textAt', 'listAt'];

/** Of a warmer's ping all names are looked at, and those of a route's parameters are its own. */
const BY_HAND = ['concurrency', 'target', 'test'];
const MAPS_BY_HAND = ['pathParameters'];

interface Watch {
  /** Names of members that were asked for. */
  readonly asked: Set<string>;
  /** Names of objects whose members were all read. */
  readonly gone: Set<string>;
}

/** The value, and what is in it, as one that notes what it is asked for. @param name by which it stands in its object */
function watched(value: unknown, { asked, gone }: Watch, name = ''): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const inner = (found: unknown, by: string) => watched(found, { asked, gone }, by);
  if (Array.isArray(value)) return value.map((element) => inner(element, name));
  const listed = new Set<PropertyKey>();
  let latest: PropertyKey | undefined;
  return new Proxy(value, {
    ownKeys(object) {
      const names = Reflect.ownKeys(object);
      for (const each of names) listed.add(each);
      return names;
    },
    getOwnPropertyDescriptor(object, each) {
      // Whoever goes through all names has each told: that is no question for this one.
      latest = listed.delete(each) ? each : undefined;
      if (latest === undefined) asked.add(String(each));
      return Reflect.getOwnPropertyDescriptor(object, each);
    },
    get(object, each) {
      if (latest === each) gone.add(name);
      else asked.add(String(each));
      return inner(Reflect.get(object, each), String(each));
    },
  });
}

/** Names that are written down in the source, also where no example event leads there. */
function namesInSource(): string[] {
  return globSync('**/*.ts', { cwd: SOURCES })
    .filter((file) => !NOT_OF_EVENTS.includes(file))
    .flatMap((file) => {
      const text = readFileSync(join(SOURCES, file), 'utf8');
      return namesIn(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
    });
}

function namesIn(node: ts.Node): string[] {
  const names: string[] = [];
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    const { text } = node.expression;
    for (const argument of node.arguments) {
      if (BY_PATH.includes(text) && ts.isStringLiteral(argument)) names.push(argument.text);
      if (!BY_FIELDS.includes(text) || !ts.isObjectLiteralExpression(argument)) continue;
      for (const { name } of argument.properties) {
        if (name && (ts.isIdentifier(name) || ts.isStringLiteral(name))) names.push(name.text);
      }
    }
  }
  ts.forEachChild(node, (child) => void names.push(...namesIn(child)));
  return names;
}

describe('what the outline of an event keeps', () => {
  const watch: Watch = { asked: new Set(), gone: new Set() };
  for (const { name } of EXAMPLE_EVENTS) {
    const text = readExampleEvent(name);
    recogniseSource(text, undefined, watched(JSON.parse(text), watch));
  }
  const kept = [...ASKED.trim().split(/\s+/), ...ASKED_FOR_PRESENCE];

  it('is every name that decisions ask for, and no other', () => {
    const asked = new Set([...watch.asked, ...namesInSource(), ...BY_HAND]);
    expect(kept.toSorted()).toEqual([...asked].toSorted());
  });

  it('is every member of the objects whose members go by any name', () => {
    const ofAnyName = [...watch.gone].filter((name) => !/^(?:headers|multiValueHeaders)$/.test(name));
    expect([...MAPS].sort()).toEqual([...ofAnyName, ...MAPS_BY_HAND].sort());
  });
});
