// Loaded into every Node process of a command (NODE_OPTIONS): no connection is made, and each attempt is noted.
const { appendFileSync } = require('node:fs');
const { Socket } = require('node:net');

Socket.prototype.connect = function connect(...parameters) {
  const [{ host, hostname, path }] = parameters.flat();
  appendFileSync(process.env.ATTEMPTS, `${host ?? hostname ?? path}\n`);
  process.nextTick(() => this.destroy(Object.assign(new Error('there is no network'), { code: 'ENETUNREACH' })));
  return this;
};
