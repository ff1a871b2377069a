import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { type Ended, runProgram, type Surroundings } from './program.ts';
import type { Project } from './project.ts';

/** AWS's client for Python, in the version that the tests run. */
const CLIENT = 'awslambdaric==4.2.2';

/** Path of the interpreter, whether it is a virtual environment's, and whether it has the client. */
const LOOK = `import sys, importlib.util
print(sys.executable)
print(sys.prefix != sys.base_prefix)
print(importlib.util.find_spec('awslambdaric') is not None)`;

/** Loads what the client would load; what is wrong goes to standard error. */
const LOAD = `import importlib, os, sys, traceback
module, name = sys.argv[1].rsplit('.', 1)
try:
    loaded = importlib.import_module(module)
    if not hasattr(loaded, name):
        raise AttributeError(f'{module} has no {name}')
    if not callable(getattr(loaded, name)):
        raise TypeError(f'{module}.{name} is no function, but of the type {type(getattr(loaded, name)).__name__}')
except BaseException as error:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f' ({frame.filename}:{frame.lineno})' if frame.filename.startswith(os.getcwd()) else ''
    print(''.join(traceback.format_exception_only(type(error), error)).strip() + where, file=sys.stderr, flush=True)
    os._exit(1)
os._exit(0)`;

/**
 * A function in a Python file. The task root is the file's folder, or where the file is in a package, the folder that the
 * package is in. The interpreter is that of the task root's `.venv`, else `python3` of the path.
 *
 * @param name of the handler; default `handler`
 */
export function pythonProject(file: string, name = 'handler'): Project {
  const taskRoot = rootOf(file);
  const module = relative(taskRoot, file).slice(0, -'.py'.length).replaceAll(sep, '.');
  const ofFolder = join(taskRoot, '.venv', 'bin', 'python');
  const look = (surroundings: Surroundings) =>
    lookAt(existsSync(ofFolder) ? ofFolder : 'python3', { ...surroundings, cwd: taskRoot });
  const handler = `${module}.${name}`;

  return {
    taskRoot,
    name: handler,
    place: file,
    codeRoot: taskRoot,
    sources: { extensions: ['.py', '.json', '.so', '.txt', '.toml', '.yaml', '.yml'], except: ['__pycache__', 'venv'] },

    async lacks(surroundings) {
      if (basename(file).slice(0, -'.py'.length).includes('.')) {
        throw missing(`${file}: Python takes a period for a package, so that Lambda cannot load it: rename the file.`);
      }
      const python = await look(surroundings);
      if (!python)
        return ['python3:  sudo apt-get install python3 python3-venv   (or https://www.python.org/downloads/)'];
      if (python.hasClient) return [];
      return [`awslambdaric, AWS’s client for Python (${python.path} has none):  ${commandFor(python, taskRoot)}`];
    },

    async build(surroundings) {
      const { path = 'python3' } = (await look(surroundings)) ?? {};
      return { command: [path, '-m', 'awslambdaric', handler], load: [path, '-c', LOAD, handler] };
    },
  };
}

/** The first folder above that is no package. */
function rootOf(file: string): string {
  let folder = dirname(file);
  while (existsSync(join(folder, '__init__.py')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

interface Python {
  readonly path: string;
  readonly isVirtual: boolean;
  readonly hasClient: boolean;
}

async function lookAt(command: string, surroundings: Surroundings): Promise<Python | undefined> {
  const { code, out }: Ended = await runProgram([command, '-c', LOOK], surroundings);
  if (code !== 0) return undefined;
  const [path = command, isVirtual, hasClient] = out.split('\n');
  return { path, isVirtual: isVirtual === 'True', hasClient: hasClient === 'True' };
}

/** A system's own Python takes no packages: there it goes into an environment, which is found here. */
function commandFor({ path, isVirtual }: Python, taskRoot: string): string {
  const requirements = join(taskRoot, 'requirements.txt');
  const isListed = existsSync(requirements) && readFileSync(requirements, 'utf8').includes('awslambdaric');
  const what = isListed ? `-r ${requirements}` : CLIENT;
  if (isVirtual) return `${path} -m pip install ${what}`;
  const folder = join(taskRoot, '.venv');
  return `${path} -m venv ${folder} && ${folder}/bin/python -m pip install ${what}`;
}

function missing(message: string): MaintenanceWindowError {
  return new MaintenanceWindowError('MaintenanceWindow.Missing', message);
}
