/** Fault of a start, with its exit code. */
export interface NotStarting {
  readonly message: string;
  readonly exitCode: number;
}

/** Extensions by which upstream finds a function, in its order. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs'];

/**
 * Does what `bootstrap` does, in an image that has no shell to run it: there the entry is
 * `["/nodejs/bin/node", "/opt/maintenance-window/index.mjs"]`. Behind `bootstrap` it finds everything done, and costs nothing.
 *
 * @param environment is completed: `_HANDLER`, `LAMBDA_TASK_ROOT`, the size of libuv's pool
 * @param argv of the process: the handler stands behind the file
 */
export function completeEnvironment(environment: NodeJS.ProcessEnv, argv: readonly string[]): NotStarting | undefined {
  const [node = 'node', client = '', argument] = argv;
  if (argument === undefined && environment['_HANDLER'] && environment['LAMBDA_TASK_ROOT']) return undefined;

  const handler = argument || environment['_HANDLER'];
  if (!handler) return { message: 'no handler: give it as the argument (index.handler) or in _HANDLER', exitCode: 64 };
  environment['_HANDLER'] = handler;
  environment['LAMBDA_TASK_ROOT'] = taskRootOf(handler, environment['LAMBDA_TASK_ROOT']);
  if (!environment['AWS_LAMBDA_RUNTIME_API']) return { message: notLambda(node, client, handler), exitCode: 69 };
  if (environment['AWS_LAMBDA_MAX_CONCURRENCY'] !== undefined) {
    environment['UV_THREADPOOL_SIZE'] ||= poolSizeFor(environment['AWS_LAMBDA_NODEJS_WORKER_COUNT']);
  }
  return undefined;
}

/** Lambda names /var/task wherever the image has its function: if not there, it is in the working directory. */
function taskRootOf(handler: string, named: string | undefined): string {
  const { statSync } = process.getBuiltinModule('node:fs');
  const { basename, dirname, join } = process.getBuiltinModule('node:path');
  const [module = ''] = basename(handler).split('.', 1);
  const stat = (path: string) => statSync(path, { throwIfNoEntry: false });
  const hasHandler = (folder: string) =>
    EXTENSIONS.some((extension) => stat(join(folder, dirname(handler), module + extension))?.isFile());

  const here = process.cwd();
  if (!named || !stat(named)?.isDirectory()) return here;
  return !hasHandler(named) && hasHandler(here) ? here : named;
}

/**
 * Size of libuv's pool for several invocations at once: a thread for each worker's poll, and four. `bootstrap` has the
 * reasons.
 */
function poolSizeFor(asked = ''): string {
  const workers = /^[1-9]\d*$/.test(asked) ? Number(asked) : 8 * process.getBuiltinModule('node:os').cpus().length;
  return `+${workers + 4}`;
}

function notLambda(node: string, client: string, handler: string): string {
  return `this is not Lambda (AWS_LAMBDA_RUNTIME_API is not set). Without a shell, name the emulator as the entry point:
  docker run -v ~/.aws-lambda-rie:/aws-lambda:ro -p 9000:8080 --entrypoint /aws-lambda/aws-lambda-rie IMAGE \\
    ${node} ${client} ${handler}`;
}
