/** Webhooks (Standard Webhooks): is a request from the platform, and what does it say. */

import type { AnyEvent } from "./_generated/types.js";
import { BadReply, MissingHeader, WrongSignature, WrongTimestamp } from "./errors.js";
import { decode } from "./json.js";

export const TOLERANCE_SECONDS = 300;
const ID = "webhook-id";
const TIMESTAMP = "webhook-timestamp";
const SIGNATURE = "webhook-signature";

type Given = Headers | Iterable<readonly [string, string]> | Readonly<Record<string, string | string[] | undefined>>;

/** Verifies what arrives at an endpoint, by its secret; by several while one takes another's place. */
export class Webhook {
  readonly #keys: readonly Uint8Array<ArrayBuffer>[];

  constructor(secrets: string | readonly string[]) {
    const given = typeof secrets === "string" ? [secrets] : secrets;
    if (given.length === 0) {
      throw new TypeError("a webhook needs a secret");
    }
    this.#keys = given.map(keyOf);
  }

  /**
   * The event of a request; throws MissingHeader, WrongTimestamp or WrongSignature.
   *
   * `body` is what came over the wire, not what a framework has read of it: other whitespace or another order of
   * fields would be another signature.
   */
  async verify(
    body: Uint8Array | ArrayBuffer,
    headers: Given,
    options: { readonly tolerance?: number; readonly now?: number } = {},
  ): Promise<AnyEvent> {
    if (!(body instanceof Uint8Array) && !(body instanceof ArrayBuffer)) {
      throw new TypeError("body must be the raw bytes of the request, not what was parsed of them");
    }
    const bytes = body instanceof Uint8Array ? body : new Uint8Array(body);
    const known = small(headers);
    const [id, timestamp, signatures] = [header(known, ID), header(known, TIMESTAMP), header(known, SIGNATURE)];
    requireRecent(timestamp, options.tolerance ?? TOLERANCE_SECONDS, options.now ?? Date.now() / 1000);
    const sent = signatures.split(/\s+/).filter((one) => one.startsWith("v1,"));
    const expected = await Promise.all(this.#keys.map((key) => signature(key, id, timestamp, bytes)));
    // Every pair is compared, so that time tells nothing.
    const found = sent.flatMap((one) => expected.map((other) => isEqual(one, other)));
    if (!found.includes(true)) {
      throw new WrongSignature("none of the signatures is by a secret that is known here");
    }
    return event(bytes);
  }

  /** The headers that the platform would send with this body: for tests of one's own endpoint. */
  async sign(body: Uint8Array, id: string, at: Date = new Date()): Promise<Record<string, string>> {
    const timestamp = String(Math.floor(at.getTime() / 1000));
    const signed = await Promise.all(this.#keys.map((key) => signature(key, id, timestamp, body)));
    return { [ID]: id, [TIMESTAMP]: timestamp, [SIGNATURE]: signed.join(" ") };
  }
}

function event(body: Uint8Array): AnyEvent {
  const said = decode(new TextDecoder().decode(body));
  if (said === null || typeof said !== "object" || typeof (said as { type?: unknown }).type !== "string") {
    throw new BadReply("the body is no event");
  }
  return said as AnyEvent;
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const text = secret.replace(/^whsec_/, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 === 1) {
    throw new TypeError("a secret is whsec_ and Base64");
  }
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function small(headers: Given): Map<string, string> {
  const isIterable = typeof (headers as Iterable<unknown>)[Symbol.iterator] === "function";
  const rows = isIterable
    ? [...(headers as Iterable<readonly [string, string]>)]
    : Object.entries(headers as Record<string, string | string[] | undefined>);
  return new Map(rows.map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(" ") : (value ?? "")]));
}

function header(known: Map<string, string>, name: string): string {
  const value = known.get(name);
  if (!value) {
    throw new MissingHeader(`there is no header ${name}`);
  }
  return value;
}

function requireRecent(timestamp: string, tolerance: number, now: number): void {
  if (!/^\d+$/.test(timestamp)) {
    throw new WrongTimestamp(`${TIMESTAMP} is no number of seconds`);
  }
  const age = now - Number(timestamp);
  if (Math.abs(age) > tolerance) {
    throw new WrongTimestamp(`it was signed ${Math.round(age)} s ago; ${tolerance} s are tolerated`);
  }
}

async function signature(
  key: Uint8Array<ArrayBuffer>,
  id: string,
  timestamp: string,
  body: Uint8Array,
): Promise<string> {
  const { subtle } = await crypto_();
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.length + body.length);
  signed.set(head);
  signed.set(body, head.length);
  const made = await subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const bytes = new Uint8Array(await subtle.sign("HMAC", made, signed));
  return `v1,${btoa(String.fromCharCode(...bytes))}`;
}

async function crypto_(): Promise<Crypto> {
  const known: Crypto | undefined = globalThis.crypto;
  // Node 18 has it in a module alone.
  return known ?? ((await import("node:crypto" as string)) as { webcrypto: Crypto }).webcrypto;
}

function isEqual(one: string, other: string): boolean {
  let differs = one.length ^ other.length;
  for (let place = 0; place < other.length; place++) {
    differs |= one.charCodeAt(place % Math.max(1, one.length)) ^ other.charCodeAt(place);
  }
  return differs === 0;
}
