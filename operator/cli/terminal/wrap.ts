/**
 * Breaks a text into lines at its blanks. A word that is longer than a line stays whole: it may be there to be copied.
 *
 * @param widthOf columns that a word takes
 */
export function wrapped(
  text: string,
  columns: number,
  widthOf: (word: string) => number = (word) => word.length,
): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const word of text.split(' ')) {
    const more = widthOf(word);
    if (line !== '' && width + 1 + more > columns) {
      lines.push(line);
      [line, width] = [word, more];
    } else {
      width += line === '' ? more : 1 + more;
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Terms, each with its meaning beside it, which goes on below itself. */
export function definitions(rows: readonly (readonly [term: string, meaning: string])[], columns: number): string {
  const width = Math.max(...rows.map(([term]) => term.length));
  const indent = ' '.repeat(width + 4);
  return rows
    .map(
      ([term, meaning]) => `  ${term.padEnd(width)}  ${wrapped(meaning, columns - indent.length).join(`\n${indent}`)}`,
    )
    .join('\n');
}
