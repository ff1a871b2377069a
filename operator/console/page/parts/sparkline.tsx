/** One line of it: its name, and a number for each minute, oldest first. */
export interface SparkLine {
  readonly name: string;
  readonly values: readonly number[];
}

const HEIGHT = 20;

/** Numbers over time, without axes: all lines have one scale. Of lines without any number above 0 the first one is drawn alone. */
export function Sparkline({ lines, label }: { readonly lines: readonly SparkLine[]; readonly label: string }) {
  const most = Math.max(1, ...lines.flatMap(({ values }) => values));
  const width = Math.max(1, ...lines.map(({ values }) => values.length - 1));
  // a line of nothing but zeros would hide the other one's, and look as if something were wrong
  const drawn = lines.filter(({ values }, index) => index === 0 || values.some((value) => value > 0));
  return (
    <svg
      class="sparkline"
      viewBox={`0 -1 ${width} ${HEIGHT + 2}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {drawn.map(({ name, values }) => (
        <polyline
          key={name}
          class={name}
          points={values.map((value, at) => `${at},${HEIGHT - (value / most) * HEIGHT}`).join(' ')}
        />
      ))}
    </svg>
  );
}
