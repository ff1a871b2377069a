import { existsSync } from 'node:fs';

/** As Debian's package, and that of Google, name it. Undefined where there is none. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file));

/** As root, in a container, and without a graphics card, whose stand-in takes a whole CPU. */
export const CHROMIUM_OPTIONS = ['--no-sandbox', '--disable-gpu'];
