import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProject } from '../../../local/proxied/project.ts';

let home: string;
const FILES = {
  'app.py': '',
  'lib/app.py': '',
  'shop/__init__.py': '',
  'shop/orders/__init__.py': '',
  'shop/orders/book.py': '',
  'index.mjs': '',
  'notes.txt': '',
  'empty/notes.txt': '',
  'go/go.mod': '',
  'go/main.go': '',
  'go/cmd/book/main.go': '',
  'Cargo.toml': '[package]',
  'rust/Cargo.toml': '[workspace]',
  'alone/Cargo.toml': '[package]',
  'alone/src/main.rs': '',
  'rust/orders/Cargo.toml': '',
  'rust/orders/src/main.rs': '',
  'java/pom.xml': '',
  'java/src/main/java/shop/Orders.java': '/* orders */\npackage shop;\n\nclass Orders {}\n',
  'Plain.java': 'class Plain {}',
};

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'projects-'));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('finding a function of another language', () => {
  it.each([
    ['app.py', '', 'app.handler', 'app.py'],
    ['./app.py:book', '', 'app.book', 'app.py'],
    ['./lib/../lib/app.py', 'lib', 'app.handler', 'lib/app.py'],
    ['shop/orders/book.py:main', '', 'shop.orders.book.main', 'shop/orders/book.py'],
    ['go', 'go', 'bootstrap', 'go'],
    ['go/go.mod', 'go', 'bootstrap', 'go/go.mod'],
    ['go/main.go', 'go', 'bootstrap', 'go/main.go'],
    ['go/cmd/book:orders', 'go', 'orders', 'go/cmd/book'],
    ['rust/orders', 'rust/orders', 'bootstrap', 'rust/orders'],
    ['rust/orders/Cargo.toml', 'rust/orders', 'bootstrap', 'rust/orders/Cargo.toml'],
    ['rust/orders/src/main.rs:orders', 'rust/orders', 'orders', 'rust/orders/src/main.rs'],
    [
      'java/src/main/java/shop/Orders.java',
      'java',
      'shop.Orders::handleRequest',
      'java/src/main/java/shop/Orders.java',
    ],
    ['Plain.java:book', '', 'Plain::book', 'Plain.java'],
  ])('reads %s', (written, root, name, place) => {
    expect(findProject(written, home)).toMatchObject({
      taskRoot: join(home, root),
      name,
      place: join(home, place),
    });
  });

  it.each([
    ['go/cmd/book/main.go', 'go'],
    ['rust/orders/src/main.rs', 'rust'],
    ['alone/src/main.rs', 'alone'],
    ['java/src/main/java/shop/Orders.java', 'java'],
  ])('looks for changes of %s in its whole project', (written, codeRoot) => {
    expect(findProject(written, home).codeRoot).toBe(join(home, codeRoot));
  });

  it.each([
    ['', 'Usage', 'write ./app.py'],
    [':name', 'Usage', 'write ./app.py'],
    ['app.py:', 'Usage', 'write ./app.py'],
    ['notes.txt', 'Usage', 'is no function that runs behind the proxy: write ./app.py'],
    ['java', 'Usage', 'write ./app.py, ./main.go, ./src/main.rs or ./src/main/java/shop/Orders.java'],
    ['empty', 'Usage', 'is no function that runs behind the proxy: write ./app.py'],
    ['index.mjs', 'Usage', 'leave out --proxy'],
    ['index.handler', 'Missing', 'leave out --proxy'],
    ['app.handler', 'Missing', '/app.py'],
    ['app.book', 'Missing', '/app.py:book'],
    ['nowhere.py', 'Missing', '/nowhere.py.'],
  ])('refuses %j, and says what to write', (written, fault, part) => {
    expect(() => findProject(written, home)).toThrow(
      expect.objectContaining({ name: `MaintenanceWindow.${fault}`, message: expect.stringContaining(part) }),
    );
  });
});
