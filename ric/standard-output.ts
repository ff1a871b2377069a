/**
 * Writes lines to standard output, by the system call itself: `process.stdout` may be the handler's by now, and making it
 * takes a millisecond of a cold start. Only where the output takes no more at the moment, Node's stream keeps the rest.
 */
export function createStandardOutput(): (line: string) => void {
  const { writeSync } = process.getBuiltinModule('node:fs');
  return (line) => {
    const bytes = Buffer.from(`${line}\n`);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(1, bytes, written, bytes.length - written);
    } catch (error) {
      // To an output that is closed the stream would be written later, and end the process.
      if (!isFull(error)) return;
      process.stdout.write(bytes.toString('utf8', written));
    }
  };
}

function isFull(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EAGAIN';
}
