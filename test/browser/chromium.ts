import { existsSync } from 'node:fs';

/** As Debian's package, and that of Google, name it. Undefined where there is none. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => existsSync(file));
