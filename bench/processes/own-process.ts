import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Program of the benchmarks in a process of its own, beside what is measured. */
export interface OwnProcess extends AsyncDisposable {
  /** Sends an order and resolves with the answer. One at a time. Rejects when the process ends instead. */
  ask<Answer>(order: object): Promise<Answer>;
}

/**
 * Starts a program that calls {@link answerOrders}.
 *
 * @param program URL of its source
 * @param nodeOptions such as `--max-old-space-size=4096`
 */
export function startOwnProcess(program: string, nodeOptions: readonly string[] = []): OwnProcess {
  const child = fork(fileURLToPath(program), {
    serialization: 'advanced',
    // not this process's own options: with those of `node --eval` the child would start itself, without an end
    execArgv: [...nodeOptions],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    ask: (order) => answerOf(child, program, order),
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

function answerOf<Answer>(child: ChildProcess, program: string, order: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error(`${program} has ended`));
    child.once('exit', onExit);
    child.once('message', (answer) => {
      child.off('exit', onExit);
      resolve(answer as Answer);
    });
    child.send(order);
  });
}

/** What such a program does: answer its starter's orders, and end with it. */
export function answerOrders<Order>(answer: (order: Order) => Promise<object>): void {
  process.on('message', async (order) => process.send?.(await answer(order as Order)));
  process.on('disconnect', () => process.exit());
}
