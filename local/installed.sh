#!/bin/sh
# Before `npm start` and `npm test`: ends with 69 where npm ci has not been run, or could not run its packages' scripts.
# Without them nothing here can be loaded, and an older Node does not even know a TypeScript file.
[ -x node_modules/.bin/node ] && exit
echo 'The packages are not installed, or were installed without their scripts. First:  npm ci' >&2
exit 69
