/** JSON whose numbers keep their digits: fractions are read as text, whole numbers beyond 2^53 as bigint. */

import { BadReply } from "./errors.js";

const UNSAFE = /\d[.eE]|\d{16}/;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const BIG = "\u0000bigint:";

/** The value of a text; throws BadReply for what is no JSON. */
export function decode(text: string): unknown {
  try {
    if (!UNSAFE.test(text)) {
      return JSON.parse(text);
    }
    return JSON.parse(text.replace(TOKEN, kept), (_, value: unknown) =>
      typeof value === "string" && value.startsWith(BIG) ? BigInt(value.slice(BIG.length)) : value,
    );
  } catch (error) {
    throw new BadReply(`the reply is no JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}

function kept(token: string): string {
  if (token.startsWith('"')) {
    return token;
  }
  if (/[.eE]/.test(token)) {
    return `"${token}"`;
  }
  return Number.isSafeInteger(Number(token)) ? token : JSON.stringify(BIG + token);
}

/** JSON of what callers give: dates and bigints as what they are; throws TypeError for a number with a fraction. */
export function encode(value: unknown): string {
  return written(value, "");
}

function written(value: unknown, place: string): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") {
    return JSON.stringify(value);
  }
  if (typeof value === "bigint") {
    return value.toString();
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) {
      throw new TypeError(`${place || "a value"} is a number whose digits are not its own; give a string`);
    }
    return String(value);
  }
  if (value instanceof Date) {
    return JSON.stringify(value.toISOString());
  }
  if (Array.isArray(value)) {
    return `[${value.map((part: unknown, index) => written(part, `${place}[${index}]`)).join(",")}]`;
  }
  if (typeof value === "object") {
    const parts = Object.entries(value).filter(([, part]) => part !== undefined);
    const rows = parts.map(
      ([name, part]) => `${JSON.stringify(name)}:${written(part, place ? `${place}.${name}` : name)}`,
    );
    return `{${rows.join(",")}}`;
  }
  throw new TypeError(`${place || "a value"} cannot be sent`);
}
