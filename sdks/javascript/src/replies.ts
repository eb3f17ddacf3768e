/** What the API answers with: plain objects that hold the reply as it came. */

import { BadReply, type Headers_ } from "./errors.js";
import { decode } from "./json.js";
import type { Answer } from "./retries.js";
import { requireDone } from "./transport.js";

/** How a reply came. */
export interface LastResponse {
  readonly status: number;
  /** With names in small letters. */
  readonly headers: Headers_;
  /** Names the request to whoever runs the platform. */
  readonly requestId: string | null;
  /** Whether the server had done it before, for the same Idempotency-Key. */
  readonly wasReplayed: boolean;
}

/** An object that came as a reply of its own; `lastResponse` is no field of it, and not in its JSON. */
export type Replied<T> = T & { readonly lastResponse: LastResponse };

export function lastResponse(answer: Answer): LastResponse {
  return {
    status: answer.status,
    headers: answer.headers,
    requestId: answer.headers["x-request-id"] ?? null,
    wasReplayed: answer.headers["idempotent-replayed"] === "true",
  };
}

/** The object that a reply is. */
export function read<T>(answer: Answer): Replied<T> {
  requireDone(answer);
  const value = decode(answer.content);
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new BadReply("the reply is no object");
  }
  return withResponse(value as T & object, lastResponse(answer));
}

export function withResponse<T extends object>(value: T, response: LastResponse): Replied<T> {
  return Object.defineProperty(value, "lastResponse", { value: response, enumerable: false }) as Replied<T>;
}
