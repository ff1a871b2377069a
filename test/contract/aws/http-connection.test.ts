import { describe } from 'vitest';
import { httpConnectionTests } from './http-connection.ts';

describe('over Node’s own sockets', httpConnectionTests);
