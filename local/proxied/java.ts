import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { keptFor } from '../cache-folder.ts';
import { foldersWith } from './above.ts';
import { type Ended, runProgram, runStep, type Surroundings } from './program.ts';
import type { Project } from './project.ts';

const HERE = join(import.meta.dirname, 'java');
const CLIENT = 'com.amazonaws.services.lambda.runtime.api.client.AWSLambda';
const CLIENT_ARTIFACT = 'aws-lambda-java-runtime-interface-client';
const CLASS_PATH = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath';
/** As Lambda sets them. */
const FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** The first whose launcher takes a file of source code. */
const OLDEST_JDK = 11;

/**
 * A function in Java: the class in a file, of a project of Maven's. The task root is the folder of the project, in which
 * `pom.xml` is. On the class path is what would be in the zip; AWS's client is the project's own, else ours.
 *
 * @param name of the method; default `handleRequest`
 */
export function javaProject(file: string, name = 'handleRequest'): Project {
  const [project] = foldersWith('pom.xml', dirname(file));
  const taskRoot = project ?? dirname(file);
  const className = classIn(file);
  const handler = `${className}::${name}`;
  const maven = existsSync(join(taskRoot, 'mvnw')) ? './mvnw' : 'mvn';

  return {
    taskRoot,
    name: handler,
    place: file,
    codeRoot: taskRoot,
    sources: {
      extensions: ['.java', '.kt', '.xml', '.properties', '.json', '.yaml', '.yml', '.sql', '.txt'],
      except: ['target'],
    },
    compiler: 'mvn',

    async lacks(surroundings) {
      const lacks: string[] = [];
      const here = { ...surroundings, cwd: taskRoot };
      if (!((await jdkIn(here)) >= OLDEST_JDK)) {
        lacks.push(
          `a JDK, ${OLDEST_JDK} or later:  sudo apt-get install default-jdk-headless   (or https://adoptium.net)`,
        );
      }
      if (maven === 'mvn' && (await runProgram(['mvn', '--version'], here)).code === null) {
        lacks.push('mvn:  sudo apt-get install maven   (or https://maven.apache.org/download.cgi)');
      }
      if (!project) lacks.push(`pom.xml, in ${taskRoot} or above:  cp ${join(HERE, 'pom.xml')} ${taskRoot}`);
      return lacks;
    },

    async build(surroundings) {
      const here = { ...surroundings, cwd: taskRoot };
      const java = programIn('java', here.env);
      const own = `${join(taskRoot, 'target', 'classes')}:${await classPath(maven, ['compile'], here, file)}`;
      const isComplete = own.includes(`/${CLIENT_ARTIFACT}-`);
      const path = isComplete ? own : `${own}:${await clientPath(maven, here)}`;
      return {
        command: [java, ...FLAGS, '-cp', path, CLIENT, handler],
        load: [java, ...FLAGS, '-cp', path, join(HERE, 'LoadHandler.java'), className, name],
      };
    },
  };
}

/** As Java names it: with its package. */
function classIn(file: string): string {
  const name = basename(file, '.java');
  const [, inPackage] = /^\s*package\s+([\w.]+)\s*;/m.exec(readFileSync(file, 'utf8')) ?? [];
  return inPackage ? `${inPackage}.${name}` : name;
}

/** Maven and a function take the JDK of `JAVA_HOME`, where that is set. */
function programIn(name: string, { JAVA_HOME: home }: Surroundings['env']): string {
  return home ? join(home, 'bin', name) : name;
}

/** The feature release: 8 for `1.8.0_452`, 17 for `17.0.15`; none where there is no compiler. */
async function jdkIn(surroundings: Surroundings): Promise<number> {
  const { out, err } = await runProgram([programIn('javac', surroundings.env), '-version'], surroundings);
  const [, release] = /^javac (?:1\.)?(\d+)/m.exec(`${out}\n${err}`) ?? [];
  return Number(release ?? 0);
}

/** The jars of AWS's client. They are looked up once, as long as they are there. */
async function clientPath(maven: string, surroundings: Surroundings): Promise<string> {
  const pom = join(HERE, 'pom.xml');
  const kept = keptFor(readFileSync(pom, 'utf8'), surroundings.env);
  if (existsSync(kept)) {
    const path = readFileSync(kept, 'utf8');
    if (path.split(':').every((jar) => existsSync(jar))) return path;
  }
  const path = await classPath(maven, ['--file', pom], surroundings, CLIENT_ARTIFACT);
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, path);
  return path;
}

/** Runs Maven's phases, and gives the jars that a zip of the project would hold. */
async function classPath(
  maven: string,
  words: readonly string[],
  surroundings: Surroundings,
  place: string,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'class-path-'));
  try {
    const file = join(folder, 'jars');
    const options = [
      '--quiet',
      '--batch-mode',
      '-Dstyle.color=never',
      '-DincludeScope=runtime',
      `-Dmdep.outputFile=${file}`,
    ];
    await runStep([maven, ...words, CLASS_PATH, ...options], surroundings, place, faultsIn);
    return readFileSync(file, 'utf8').trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Maven's own words, each once, without where to read more. */
function faultsIn({ out, err }: Ended): string {
  const [faults = ''] = out.split(/^\[ERROR\] (?:-> \[Help|\s*$|To see)/m);
  return [...new Set(`${faults}${err}`.trim().split('\n'))].join('\n');
}
