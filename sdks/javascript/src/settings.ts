/** How a client reaches the API, and as whom; what is secret shows itself nowhere. */

export type Token = string | (() => string | Promise<string>);

/** What a client is made with. */
export interface ClientOptions {
  /** Else `BILLING_API_KEY`. */
  apiKey?: string;
  /** A user's JWT, or what makes one; instead of `apiKey`. */
  token?: Token;
  /** Else `BILLING_BASE_URL`. */
  baseUrl?: string;
  /** The slug that a JWT opens. */
  workspace?: string;
  /** Milliseconds, 30,000 unless given: until the answer begins, and until it ends. */
  timeout?: number;
  /** Attempts besides the first, 2 unless given. */
  maxRetries?: number;
  /** Milliseconds, 500 unless given: the first wait is at most this long. */
  retryBase?: number;
  /** Instead of the global one. */
  fetch?: typeof fetch;
  /** A page shows its key to whoever looks: give users a JWT. */
  allowSecretKeyInBrowser?: boolean;
}

/** What all calls of a client have in common. */
export interface Settings {
  readonly baseUrl: string;
  readonly workspace: string | null;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly retryBase: number;
  readonly fetch: typeof fetch;
  /** A function, so that no log shows what it holds. */
  readonly credential: () => string | Promise<string>;
}

/** The settings that were given, or those of the environment; throws TypeError for what lacks. */
export function settingsOf(given: ClientOptions): Settings {
  if (given.apiKey !== undefined && given.token !== undefined) {
    throw new TypeError("give apiKey or token, not both");
  }
  const token = given.token ?? given.apiKey ?? environment("BILLING_API_KEY");
  if (!token) {
    throw new TypeError("give apiKey or token, or set BILLING_API_KEY");
  }
  if (given.token === undefined && isBrowser() && !given.allowSecretKeyInBrowser) {
    throw new TypeError("a page shows its API key to whoever looks: give a user's JWT as token");
  }
  return {
    baseUrl: checkedUrl(given.baseUrl ?? environment("BILLING_BASE_URL") ?? ""),
    workspace: given.workspace ?? null,
    timeout: atLeast("timeout", given.timeout ?? 30_000, 1),
    maxRetries: atLeast("maxRetries", given.maxRetries ?? 2, 0),
    retryBase: atLeast("retryBase", given.retryBase ?? 500, 0),
    fetch: given.fetch ?? ((...ask) => globalThis.fetch(...ask)),
    credential: typeof token === "function" ? token : () => token,
  };
}

/** The headers that show who asks; throws TypeError for a credential that cannot stand in one. */
export async function identity(settings: Settings): Promise<Record<string, string>> {
  const credential = await settings.credential();
  if (typeof credential !== "string" || !/^[\x20-\x7e]+$/.test(credential)) {
    // Without the value: it would stand in logs.
    throw new TypeError("the credential is no printable ASCII text");
  }
  const workspace = settings.workspace === null ? {} : { "x-tenant-slug": settings.workspace };
  return { authorization: `Bearer ${credential}`, ...workspace };
}

function environment(name: string): string | undefined {
  const known = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process;
  return known?.env?.[name];
}

function isBrowser(): boolean {
  const known = globalThis as { window?: { document?: unknown } };
  return known.window?.document !== undefined;
}

function checkedUrl(url: string): string {
  let parts: URL;
  try {
    parts = new URL(url);
  } catch {
    throw new TypeError("baseUrl must be the platform's address, such as https://billing.example");
  }
  if (!/^https?:$/.test(parts.protocol) || parts.search || parts.hash || parts.username || parts.password) {
    throw new TypeError("baseUrl is http or https, without query, fragment or credentials");
  }
  return url.replace(/\/+$/, "");
}

function atLeast(name: string, value: number, least: number): number {
  if (typeof value !== "number" || !(value >= least)) {
    throw new TypeError(`${name} must be at least ${least}`);
  }
  return value;
}
