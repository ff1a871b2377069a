/**
 * Who may ask. Only this machine reaches the address, but so does every page in the browser: what another origin can send is
 * refused before it is looked at.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { setCookie } from 'hono/cookie';
import { OWN_HEADER } from './answer.ts';

/** What the page may load and do. No script stands in a text, and nothing is asked of anybody else. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

export interface Guard {
  /** In the address that is printed; the page exchanges it for a cookie and takes it out of the address. */
  readonly token: string;
  /** For every request: its host and origin are ours. */
  readonly own: MiddlewareHandler;
  /** For every question: it comes from our page, and from who has cookie and key. */
  readonly known: MiddlewareHandler;
  /** Exchanges the token. @returns the key, which the page sends with every question; undefined where it was another token */
  admit(context: Context, token: unknown): string | undefined;
}

/** @param port that the browser asks at */
export function createGuard(port: number): Guard {
  const token = randomBytes(32).toString('base64url');
  const session = randomBytes(32).toString('base64url');
  // cookies know no ports: two consoles on one machine have one each, and whoever else listens on it is sent both
  const cookie = `maintenance-window-${port}`;
  // so the page has something besides, which its origin alone can read
  const key = randomBytes(32).toString('base64url');
  const hosts = ['127.0.0.1', 'localhost', '[::1]'].map((host) => `${host}:${port}`);
  return {
    token,
    async own(context, next) {
      for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
      const { host, origin, 'sec-fetch-site': site } = context.req.header();
      if (host === undefined || !hosts.includes(host)) {
        return context.text(`This is ${hosts[0]}, and was asked for as another host.\n`, 421);
      }
      const isOwnOrigin = origin === undefined || origin === `http://${host}`;
      const isOwnPage = site === undefined || site === 'same-origin' || site === 'none';
      if (!isOwnOrigin || !isOwnPage) return context.text('Another page asked for this.\n', 403);
      await next();
      return undefined;
    },
    async known(context, next) {
      const ownKey = context.req.header(OWN_HEADER);
      if (ownKey === undefined) return context.text('Another page asked for this.\n', 403);
      if (!cookiesOf(context, cookie).some((one) => isSame(one, session)) || !isSame(ownKey, key)) {
        return context.json(
          { why: 'Open the address that the terminal shows: this one is of no console that runs.' },
          401,
        );
      }
      await next();
      return undefined;
    },
    admit(context, given) {
      if (typeof given !== 'string' || !isSame(given, token)) return undefined;
      setCookie(context, cookie, session, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return key;
    },
  };
}

/**
 * Whether a request's target is a path. A whole address in its place would count for more than the `Host` that is looked at, and is
 * what a proxy is asked for. Source: RFC 9112, section 3.2.2.
 */
export function isPath(target: string | undefined): boolean {
  return target?.startsWith('/') ?? false;
}

/** All of that name: a page of another port can set one for a path of ours, which a browser sends before our own. */
function cookiesOf(context: Context, name: string): readonly string[] {
  const pairs = (context.req.header('cookie') ?? '').split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
}

/** Says nothing by its time. */
function isSame(given: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(expected));
}
