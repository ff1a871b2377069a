import { shown } from '../../../../core/text/shown.ts';

/** Lines of a parameter that go and come. */
export function Difference({
  removed,
  added,
}: {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}) {
  if (removed.length + added.length === 0) return <p>The parameter stays as it is.</p>;
  return (
    <pre class="difference">
      {removed.map((line) => (
        <del key={line}>{`- ${shown(line)}\n`}</del>
      ))}
      {added.map((line) => (
        <ins key={line}>{`+ ${shown(line)}\n`}</ins>
      ))}
    </pre>
  );
}
