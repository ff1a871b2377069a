/** Runs before a program, and puts the native sockets in the place of Node's. */
import { loadNativeModules } from '../../worlds/native-modules.ts';

const modules = loadNativeModules();
const { getBuiltinModule } = process;
process.getBuiltinModule = ((name: string) => modules[name] ?? getBuiltinModule(name)) as typeof getBuiltinModule;
