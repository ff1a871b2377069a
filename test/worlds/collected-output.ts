/** What a program has written until now, of both its outputs. */
export function collectOutput({
  stdout,
  stderr,
}: {
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
}): () => { readonly out: string; readonly err: string } {
  let [out, err] = ['', ''];
  stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  return () => ({ out, err });
}
