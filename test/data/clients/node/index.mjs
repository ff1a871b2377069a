// What the runtime client of Node is invoked with, under test.

import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export const values = async (event) => {
  if (event.fail) throw new Error('on purpose: é €');
  return event;
};

/** Gives its first piece at once, and what follows when the test has seen that piece. */
export const stream = awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType('text/plain');
  stream.write('first piece, ');
  while (!existsSync(process.env.RELEASE_FILE)) await pause(5);
  stream.write('second piece: é €');
  await pause(5);
  if (event.fail) throw new Error('in the middle: é €');
  stream.end();
});
