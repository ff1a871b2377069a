import { describe, expect, it } from 'vitest';
import { lockedAt } from '../../data/locked-at.ts';
import { pageText, sectionOf, tableIn } from './pages.ts';

// The clients that docs/proxy.md says were compared on the wire are those that the examples and `npm start` take.

const CLIENTS = new Map(
  tableIn(sectionOf(pageText('docs/proxy.md'), '## Clients')).map(([language = '', client = '']) => {
    const [, name = '', version = ''] = /^`(.+)` (\S+)$/.exec(client) ?? [];
    return [language, { name, version }];
  }),
);

describe('the client that was compared on the wire is the one in', () => {
  it.each([
    ['Python', 'examples/python/requirements.txt'],
    ['Python', 'local/proxied/python.ts'],
    ['Go', 'examples/go/go.mod'],
    ['Rust', 'examples/rust/Cargo.toml'],
    ['Rust', 'examples/rust/Cargo.lock'],
    ['Java', 'examples/java/pom.xml'],
    ['Java', 'local/proxied/java/pom.xml'],
  ])('%s: %s', (language, file) => {
    const { name = '', version = '' } = CLIENTS.get(language) ?? {};
    expect({ name, version }).not.toEqual({ name: '', version: '' });
    expect(pageText(file)).toMatch(lockedAt(name, version));
  });
});
