/** What is sent: an operation with its values becomes a request, the same for every attempt. */

import { encode } from "./json.js";
import { VERSION } from "./version.js";

/** One operation of the API. */
export interface Operation {
  readonly name: string;
  readonly method: string;
  /** With `{}` for each id. */
  readonly path: string;
  /** Of what it takes, what goes into the query; the rest is the body. */
  readonly query?: readonly string[];
  readonly takesBody?: boolean;
  readonly takesFile?: boolean;
  /** Whether the server does it once for one Idempotency-Key. */
  readonly isIdempotent?: boolean;
  readonly isFile?: boolean;
  readonly pagesByOffset?: boolean;
}

/** What every method takes besides the operation's own fields. */
export interface Options {
  /** Instead of the key that is made for each POST. */
  idempotencyKey?: string;
  /** A version, or an ETag as it came: the change fails (`PreconditionFailed`) where somebody else was first. */
  ifMatch?: number | string;
  /** Seconds for which a payment waits until its invoices show it. */
  preferWait?: number;
  /** Milliseconds, instead of the client's. */
  timeout?: number;
  maxRetries?: number;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

const OPTIONS = new Set(["idempotencyKey", "ifMatch", "preferWait", "timeout", "maxRetries", "headers", "signal"]);

/** A request that is ready, and how it may be repeated. */
export interface Call {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  readonly timeout: number;
  readonly maxRetries: number;
  /** Whether an attempt that the server may have acted on can be made again. */
  readonly isRepeatable: boolean;
  readonly idempotencyKey: string | null;
  readonly signal: AbortSignal | null;
}

export type Fields = Readonly<Record<string, unknown>>;
export type Id = string;

/** The request of this operation; throws TypeError for values that no request can have. */
export function prepare(
  operation: Operation,
  ids: readonly Id[],
  fields: Fields,
  options: Options,
  defaults: { readonly timeout: number; readonly maxRetries: number },
): Call {
  refuseUnknown(operation, fields, options);
  const key = options.idempotencyKey ?? (operation.isIdempotent ? newKey() : null);
  const headers: Record<string, string> = {
    accept: operation.isFile ? "*/*" : "application/json",
    "billing-sdk": `javascript/${VERSION}`,
    "user-agent": `billing-sdk-javascript/${VERSION}`,
    // Minted once, outside the attempts: that is what makes repeating harmless.
    ...(key === null ? {} : { "idempotency-key": key }),
    ...(options.ifMatch === undefined ? {} : { "if-match": entityTag(options.ifMatch) }),
    ...(options.preferWait === undefined ? {} : { prefer: `wait=${options.preferWait}` }),
  };
  const body = bodyOf(operation, fields, headers);
  Object.assign(headers, options.headers);
  const isSafe = operation.method === "GET" || (operation.method === "POST" && operation.isIdempotent === true);
  return {
    method: operation.method,
    target: pathOf(operation, ids) + queryOf(operation, fields),
    headers,
    body,
    timeout: options.timeout ?? defaults.timeout,
    maxRetries: options.maxRetries ?? defaults.maxRetries,
    isRepeatable: isSafe || "if-match" in headers,
    idempotencyKey: key,
    signal: options.signal ?? null,
  };
}

/** A UUIDv7: keys that are made one after another lie beside each other in the server's index. */
export function newKey(now: number = Date.now()): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  for (let place = 0; place < 6; place++) {
    bytes[place] = Math.floor(now / 2 ** (8 * (5 - place))) % 256;
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function random(bytes: Uint8Array<ArrayBuffer>): void {
  const source: Crypto | undefined = globalThis.crypto;
  if (source !== undefined) {
    source.getRandomValues(bytes);
    return;
  }
  // Node 18 has it under another name; a key has to be rare, not secret.
  bytes.forEach((_, place) => (bytes[place] = Math.floor(Math.random() * 256)));
}

function refuseUnknown(operation: Operation, fields: Fields, options: Options): void {
  const strange = Object.keys(options).filter((name) => !OPTIONS.has(name));
  if (!operation.takesBody && !operation.takesFile) {
    const known = new Set(operation.query ?? []);
    strange.push(...Object.keys(fields).filter((name) => !known.has(name)));
  }
  if (strange.length > 0) {
    throw new TypeError(`${operation.name} takes no ${strange.join(", ")}`);
  }
}

function entityTag(version: number | string): string {
  const said = String(version);
  return /^("|W\/|\*)/.test(said) ? said : `"${said}"`;
}

function pathOf(operation: Operation, ids: readonly Id[]): string {
  const pieces = operation.path.split("{}");
  if (ids.length !== pieces.length - 1) {
    throw new TypeError(`${operation.name} takes ${pieces.length - 1} ids`);
  }
  return pieces
    .map((piece, place) => (place === 0 ? piece : segment(operation, ids[place - 1]) + piece))
    .join("");
}

function segment(operation: Operation, id: unknown): string {
  if (typeof id !== "string" || id === "" || id === "." || id === "..") {
    throw new TypeError(`${operation.name}: ${JSON.stringify(id) ?? "undefined"} is no id`);
  }
  return encodeURIComponent(id);
}

function queryOf(operation: Operation, fields: Fields): string {
  const asked = new URLSearchParams();
  for (const name of operation.query ?? []) {
    const value = fields[name];
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) {
        asked.append(name, one instanceof Date ? one.toISOString() : String(one));
      }
    }
  }
  const text = asked.toString();
  return text === "" ? "" : `?${text}`;
}

function bodyOf(operation: Operation, fields: Fields, headers: Record<string, string>): string | Uint8Array | null {
  if (operation.takesFile) {
    const { content, content_type: kind } = fields;
    if (!(content instanceof Uint8Array) || typeof kind !== "string") {
      throw new TypeError(`${operation.name} takes content (bytes) and content_type`);
    }
    headers["content-type"] = kind;
    return content;
  }
  if (!operation.takesBody) {
    return null;
  }
  const query = new Set(operation.query ?? []);
  const given = Object.entries(fields).filter(([name, value]) => !query.has(name) && value !== undefined);
  if (given.length === 0 && operation.method === "POST") {
    return null;
  }
  headers["content-type"] = "application/json";
  return encode(Object.fromEntries(given));
}
