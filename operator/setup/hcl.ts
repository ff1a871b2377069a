/** A block of HCL, such as a resource: `head` is its type and its labels. */
export interface HclBlock {
  readonly head: readonly [type: string, ...labels: string[]];
  /** What is undefined is left out. */
  readonly body?: Readonly<Record<string, Expression | undefined>>;
  readonly blocks?: readonly HclBlock[];
}

/** A value. A text may hold `${…}` templates. */
export type Expression =
  | string
  | number
  | boolean
  | readonly Expression[]
  | { readonly raw: string }
  | { readonly call: string; readonly argument: Expression }
  | { readonly [key: string]: Expression };

/** Code as it stands. */
export function raw(code: string): Expression {
  return { raw: code };
}

/** A block in the layout of `terraform fmt`, with the end of its last line. */
export function blockText({ head: [type, ...labels], body = {}, blocks = [] }: HclBlock): string {
  const first = [type, ...labels.map((label) => JSON.stringify(label))].join(' ');
  const parts = [...(Object.keys(body).length > 0 ? [attributesText(body)] : []), ...blocks.map(blockText)];
  if (parts.length === 0) return `${first} {}\n`;
  return `${first} {\n${indented(parts.join('\n'))}}\n`;
}

/** Lines of `name = value`, the signs of neighbours that take one line each below each other. */
function attributesText(body: Readonly<Record<string, Expression | undefined>>): string {
  const entries = Object.entries(body).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: keyText(name), text: valueText(value) }],
  );
  const widthAt = (index: number): number => {
    const isLong = (at: number) => entries[at] === undefined || entries[at].text.includes('\n');
    if (isLong(index)) return 0;
    let [from, to] = [index, index];
    while (!isLong(from - 1)) from -= 1;
    while (!isLong(to + 1)) to += 1;
    return Math.max(...entries.slice(from, to + 1).map(({ name }) => name.length));
  };
  return entries.map(({ name, text }, index) => `${name.padEnd(widthAt(index))} = ${text}\n`).join('');
}

function valueText(value: Expression): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) {
    return value.length > 1
      ? `[\n${indented(value.map((one) => `${valueText(one)},\n`).join(''))}]`
      : `[${value.map(valueText).join('')}]`;
  }
  if ('raw' in value) return String(value['raw']);
  if ('call' in value) return `${value['call']}(${valueText(value['argument'] as Expression)})`;
  return `{\n${indented(attributesText(value as Readonly<Record<string, Expression>>))}}`;
}

function isList(value: object): value is readonly Expression[] {
  return Array.isArray(value);
}

function keyText(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
