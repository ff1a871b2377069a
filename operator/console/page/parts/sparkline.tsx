/** One line of it: its name, and a number for each minute, oldest first. */
export interface SparkLine {
  readonly name: string;
  readonly values: readonly number[];
}

const HEIGHT = 20;

/** Numbers over time, without axes: all lines have one scale. */
export function Sparkline({ lines, label }: { readonly lines: readonly SparkLine[]; readonly label: string }) {
  const most = Math.max(1, ...lines.flatMap(({ values }) => values));
  const width = Math.max(1, ...lines.map(({ values }) => values.length - 1));
  return (
    <svg
      class="sparkline"
      viewBox={`0 -1 ${width} ${HEIGHT + 2}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {lines.map(({ name, values }) => (
        <polyline
          key={name}
          class={name}
          points={values.map((value, at) => `${at},${HEIGHT - (value / most) * HEIGHT}`).join(' ')}
        />
      ))}
    </svg>
  );
}
