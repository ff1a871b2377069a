/** Does it for each, so many at once; resolves with what came of each, in their order. */
export async function eachOf<One, Value>(
  list: readonly One[],
  atOnce: number,
  work: (one: One, index: number) => Promise<Value>,
): Promise<readonly Value[]> {
  const done: Value[] = [];
  const waiting = list.entries();
  const worker = async () => {
    for (const [index, one] of waiting) done[index] = await work(one, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done;
}
