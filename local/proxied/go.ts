import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { MaintenanceWindowError } from '../../core/errors.ts';
import { keptFor } from '../cache-folder.ts';
import { foldersWith } from './above.ts';
import { runProgram, runStep } from './program.ts';
import type { Project } from './project.ts';

/**
 * A function in Go: the package in a folder, or of a file. The task root is the folder of the module, in which `go.mod` is.
 *
 * @param name what the function finds in `_HANDLER`; default `bootstrap`, which Lambda's runtimes for Go start
 */
export function goProject(path: string, name = 'bootstrap'): Project {
  const folder = statSync(path).isDirectory() ? path : dirname(path);
  const [module] = foldersWith('go.mod', folder);
  const taskRoot = module ?? folder;

  return {
    taskRoot,
    name,
    place: path,
    codeRoot: taskRoot,
    // what a program may embed is among them
    sources: { extensions: ['.go', '.mod', '.sum', '.json', '.html', '.tmpl', '.sql', '.txt'], except: [] },
    compiler: 'go',

    async lacks(surroundings) {
      const { code } = await runProgram(['go', 'version'], surroundings);
      if (code !== 0) return ['go:  https://go.dev/dl   (or sudo apt-get install golang-go)'];
      return module ? [] : [`go.mod, in ${folder} or above:  cd ${folder} && go mod init function && go mod tidy`];
    },

    async build(surroundings) {
      const here = { ...surroundings, cwd: folder };
      const kind = (await runStep(['go', 'list', '-f', '{{.Name}}', '.'], here, path)).trim();
      if (kind !== 'main') {
        throw new MaintenanceWindowError(
          'MaintenanceWindow.Usage',
          `${path} is of the package ${kind}, which is no program: name a file or a folder of a package main.`,
        );
      }
      // Go links only where the program that is there would become another one
      const program = keptFor(folder, surroundings.env);
      await runStep(['go', 'build', '-buildvcs=false', '-o', program, '.'], here, path);
      return { command: [program] };
    },
  };
}
