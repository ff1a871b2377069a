import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import { numberText } from '../../../../core/text/shown.ts';
import { instantText } from '../text.ts';
import { zone } from './clock.ts';
import { type Series, someOf, stacked } from './series.ts';
import { Table } from './table.tsx';

interface PlotProps {
  /** What it shows. */
  readonly label: string;
  /** Epoch milliseconds. */
  readonly times: readonly number[];
  /** One for each time; at most {@link MOST_SERIES}. */
  readonly series: readonly Series[];
  /** Each on top of the one before, as areas. */
  readonly isStacked?: boolean;
  /** Of values, for the axis and the table. */
  readonly unit?: string;
}

/** Colours that can be told apart. */
export const MOST_SERIES = 8;
const HEIGHT = 260;
const MOST_ROWS = 24;

/** Values over time: a plot to look at, and the same as a table. */
export function Plot({ label, times, series, isStacked = false, unit = '' }: PlotProps) {
  const [pointed, point] = useState<number | null>(null);
  const last = times.length - 1;
  const shown = pointed ?? last;
  return (
    <figure class="plot" aria-label={label}>
      <Canvas times={times} series={series} isStacked={isStacked} point={point} />
      <figcaption>
        <ul class="legend">
          {series.map(({ name, values, nullMeans }, index) => (
            <li key={name}>
              <span class={`swatch series-${index}`} aria-hidden="true" /> {name}{' '}
              <strong>{valueText(values[shown], unit, nullMeans)}</strong>
            </li>
          ))}
        </ul>
        <small>{times[shown] !== undefined && instantText(new Date(times[shown]).toISOString(), zone.value)}</small>
      </figcaption>
      <details>
        <summary>The same as a table</summary>
        <Table heads={[zone.value, ...series.map(({ name }) => name)]} numbers={series.map(({ name }) => name)}>
          {someOf(times.length, MOST_ROWS).map((index) => (
            <tr key={times[index]}>
              <th scope="row">{instantText(new Date(times[index] ?? 0).toISOString(), zone.value)}</th>
              {series.map(({ name, values, nullMeans }) => (
                <td key={name}>{valueText(values[index], unit, nullMeans)}</td>
              ))}
            </tr>
          ))}
        </Table>
      </details>
    </figure>
  );
}

function valueText(value: number | null | undefined, unit: string, nullMeans = 'not known'): string {
  return value === null || value === undefined ? nullMeans : `${numberText(value)}${unit}`;
}

interface CanvasProps extends Pick<PlotProps, 'times' | 'series'> {
  readonly isStacked: boolean;
  readonly point: (index: number | null) => void;
}

/** What it shows stands in the table: it is nothing to be read out. */
function Canvas({ times, series, isStacked, point }: CanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const names = series.map(({ name }) => name).join('\n');
  const data = useMemo<UPlot.AlignedData>(() => {
    const drawn = isStacked ? stacked(series) : series;
    return [times.map((at) => at / 1_000), ...drawn.map(({ values }) => [...values])];
  }, [times, series, isStacked]);
  useEffect(() => {
    const root = place.current;
    if (!root) return undefined;
    const made = new UPlot(optionsOf(root, series, isStacked, point), data, root);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: root.clientWidth, height: HEIGHT }));
    resized.observe(root);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => made.redraw(false, true);
    dark.addEventListener('change', redraw);
    return () => {
      dark.removeEventListener('change', redraw);
      resized.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [names, isStacked]);
  useEffect(() => plot.current?.setData(data), [data]);
  return <div ref={place} class="canvas" aria-hidden="true" />;
}

function optionsOf(
  root: HTMLElement,
  series: readonly Series[],
  isStacked: boolean,
  point: (index: number | null) => void,
): UPlot.Options {
  const colour = (name: string) => getComputedStyle(root).getPropertyValue(name).trim();
  const axis = {
    stroke: () => colour('--pico-muted-color'),
    grid: { stroke: () => colour('--pico-muted-border-color'), width: 1 },
    ticks: { stroke: () => colour('--pico-muted-border-color'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  return {
    width: root.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1_000), zone.value),
    scales: { y: { range: (_, __, highest) => [0, Math.max(1, highest * 1.05)] } },
    axes: [
      { ...axis, values: (_, instants) => instants.map(clockText), space: 70 },
      { ...axis, values: (_, values) => values.map(shortText), size: 56 },
    ],
    series: [
      {},
      ...series.map(({ name }, index) => ({
        label: name,
        stroke: () => colour(`--series-${index}`),
        width: 2,
        ...(isStacked && { fill: () => `${colour(`--series-${index}`)}99` }),
        points: { show: false },
      })),
    ],
    ...(isStacked && {
      bands: series.slice(1).map((_, index) => ({ series: [index + 2, index + 1] as [number, number] })),
    }),
    hooks: { setCursor: [({ cursor: { idx } }) => point(idx ?? null)] },
  };
}

/** `22:15`; the day where one begins. */
function clockText(seconds: number): string {
  const [day = '', time = ''] = instantText(new Date(seconds * 1_000).toISOString(), zone.value).split(' ');
  return time === '00:00:00' ? day.slice(5) : time.endsWith(':00') ? time.slice(0, 5) : time;
}

/** `1.2M`. */
function shortText(value: number): string {
  return Number.isInteger(value) || value >= 1
    ? new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(value)
    : String(value);
}
