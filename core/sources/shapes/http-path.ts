import { textAt } from '../../text/shape.ts';

/** Octets that stay encoded: decoded they would be a slash, a wildcard of a pattern, or the sign of another encoding. */
const PERCENT = /%(?:2F|2A|3F|25)|(?:%(?!2F|2A|3F|25)[0-9A-F]{2})+/gi;

/**
 * A request's path in the form in which paths are compared. What services send for one and the same request differs: a
 * load balancer and a function URL pass on `/caf%c3%a9`, an HTTP API `/café`, and neither takes `//orders` for `/orders`.
 *
 * ```ts
 * comparablePath('//caf%c3%a9/./menu'); // '/café/menu'
 * ```
 */
export function comparablePath(path: string): string {
  return withoutDotSegments(decoded(path).replace(/\/{2,}/g, '/'));
}

/** A policy's pattern in the same form. Its wildcards stay; a slash at its end counts for nothing. */
export function comparablePattern(pattern: string): string {
  const path = decoded(pattern).replace(/\/{2,}/g, '/');
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/**
 * The path that an API's route had: `/orders/{id}` with `{"id":"7"}` had `/orders/7`. Neither stage nor base path is in
 * it. Undefined where the route is for any path (`$default`), or a parameter is not told.
 */
export function pathOfRoute(route: string, parameters: unknown): string | undefined {
  if (!route.startsWith('/')) return undefined;
  let isTold = true;
  const path = route.replace(/\{([^{}]+?)\+?\}/g, (_, name: string) => {
    const value = textAt(parameters, name);
    if (value === '') isTold = false;
    return value;
  });
  return isTold ? comparablePath(path) : undefined;
}

/** A path of an HTTP API without the stage, with which it begins unless that is `$default`, or the domain has a mapping. */
export function withoutStage(path: string, stage: string, routed: string | undefined): string {
  if (stage === '' || stage === '$default' || path === routed) return path;
  if (path === `/${stage}`) return '/';
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;
}

function decoded(path: string): string {
  return path.replace(PERCENT, (octets) => {
    const isKept = octets.length === 3 && /%(?:2F|2A|3F|25)/i.test(octets);
    if (isKept) return octets.toUpperCase();
    try {
      return decodeURIComponent(octets);
    } catch {
      return octets.toUpperCase();
    }
  });
}

/** https://datatracker.ietf.org/doc/html/rfc3986#section-5.2.4 */
function withoutDotSegments(path: string): string {
  if (!/\/\.\.?(?:\/|$)/.test(path)) return path;
  const kept: string[] = [];
  for (const segment of path.split('/').slice(1)) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  return `/${kept.join('/')}`;
}
