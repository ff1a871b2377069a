/**
 * The words of a line of bash, up to the cursor; the last one is not whole yet. Quotes and backslashes count as the shell has
 * them; what it would put in place of `$…` stays as it stands. Only the last command of a pipe or a list counts.
 */
export function shellWords(line: string): readonly string[] {
  let words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const sign = line.charAt(at);
    if (quote !== '' && sign === quote) quote = '';
    else if (sign === '\\' && quote !== "'") word = (word ?? '') + line.charAt(++at);
    else if (quote !== '') word += sign;
    else if (sign === '"' || sign === "'") {
      quote = sign;
      word ??= '';
    } else if (/\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[|&;(]/.test(sign)) {
      words = [];
      word = undefined;
    } else word = (word ?? '') + sign;
  }
  return [...words, word ?? ''];
}
