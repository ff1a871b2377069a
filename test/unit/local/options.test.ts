import { expect, it } from 'vitest';
import { HELP, parseOptions } from '../../../local/options.ts';

it.each([
  [[], { kind: 'serve', port: 9000, proxy: false }],
  [['--port', '0'], { kind: 'serve', port: 0, proxy: false }],
  [['--port=65535'], { kind: 'serve', port: 65_535, proxy: false }],
  [
    ['--handler', './my/app.handler', '--port', '8080'],
    { kind: 'serve', port: 8080, proxy: false, handler: './my/app.handler' },
  ],
  [['--proxy', '--handler', './app.py'], { kind: 'serve', port: 9000, proxy: true, handler: './app.py' }],
  [['--demo'], { kind: 'demo', port: 0, proxy: false }],
  [['--demo', '--proxy'], { kind: 'demo', port: 0, proxy: true }],
  [['--demo', '--port', '9001'], { kind: 'demo', port: 9001, proxy: false }],
  [['--help'], { kind: 'help' }],
  [['-h', '--demo'], { kind: 'help' }],
])('reads %j', (words, options) => {
  expect(parseOptions(words)).toEqual(options);
});

it.each([
  [['--prot', '1'], "'--prot'"],
  [['app.handler'], "'app.handler'"],
  [['--port'], '--port'],
  [['--port', 'http'], '--port "http" is no port'],
  [['--port', '65536'], '--port "65536" is no port'],
  [['--port=-1'], '--port "-1" is no port'],
  [['--port', '1e3'], '--port "1e3" is no port'],
  [['--port='], '--port "" is no port'],
  [['--demo', '--handler', 'app.handler'], 'leave out --handler'],
])('refuses %j with one message that names the place and the remedy', (words, part) => {
  expect(() => parseOptions(words)).toThrow(expect.objectContaining({ name: 'MaintenanceWindow.Usage' }));
  expect(() => parseOptions(words)).toThrow(part);
  expect(() => parseOptions(words)).toThrow('npm start -- --help');
});

it('tells of every option in the help', () => {
  for (const option of ['--demo', '--handler', '--proxy', '--port', '--help']) expect(HELP).toContain(`  ${option}`);
});
