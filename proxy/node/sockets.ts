import './native.ts';
import { createSockets } from '../../host/native-sockets.ts';
import { viewOf } from './bytes.ts';

/** `node:net` and `node:tls`, over the program's sockets. */
export const { net, tls, heard, closeAll } = createSockets(native, (data) => viewOf(data as Uint8Array<ArrayBuffer>));
