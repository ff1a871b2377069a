/** What the engine evaluates: its world, then the same answers as Node's. */
import '../../proxy/node/world.ts';
import { answerTo } from './engine-answers.ts';

Object.assign(globalThis, { answer: (line: string) => answerTo(JSON.parse(line)) });
