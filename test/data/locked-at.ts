/** The package with its version, one behind the other, in whatever words a lock file has. */
export function lockedAt(name: string, version: string): RegExp {
  const [last, exact] = [name.split(':').at(-1) ?? '', version].map((text) => text.replaceAll(/\W/g, '\\W'));
  return new RegExp(`${last}\\W+(?:artifactId\\W+)?(?:version\\W+)?v?${exact}\\b`);
}
