/** A URL's parts, named as Node names them. */
interface Parts {
  readonly protocol: string;
  readonly username: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
}

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const URL_OF_HTTP =
  /^\s*(https?:)\/\/(?:([^@/?#]*)@)?(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?(\/[^?#\s]*)?(\?[^#\s]*)?(?:#\S*)?\s*$/i;

/** `URL`, as much of it as endpoints take: HTTP's, by names and addresses as they stand in an environment. */
export const OwnUrl = {
  parse(text: string): Parts | null {
    const [, scheme, username = '', host = '', port = '', pathname = '/', search = ''] = URL_OF_HTTP.exec(text) ?? [];
    if (scheme === undefined || Number(port) > 65_535) return null;
    const protocol = scheme.toLowerCase();
    const own = port === '' || Number(port) === Number(PORTS[protocol]);
    return {
      protocol,
      username,
      hostname: host.toLowerCase(),
      port: own ? '' : String(Number(port)),
      pathname,
      search: search === '?' ? '' : search,
    };
  },
};
