/** When an attempt is made again, and after how long; no clock, no network. */

import type { Call } from "./calls.js";
import { problem, retryAfter, type BillingError, type Headers_ } from "./errors.js";

/** A server that asks for more is not waited for: the caller is told. */
export const MAX_RETRY_AFTER_SECONDS = 60;
const AGAIN = new Set([408, 409, 429, 502, 503, 504]);
/** Answers that say that nothing was done: whatever was asked can be asked again. */
const NOT_DONE = new Set([429]);
const IN_FLIGHT = "idempotency_key_in_flight";

/** What the server said; `content` is its text where it is no file. */
export interface Answer {
  readonly status: number;
  /** With names in small letters. */
  readonly headers: Headers_;
  readonly content: string;
  readonly response: Response;
}

/** An attempt without an answer; `wasSent` unless nothing of it can have reached the server. */
export interface Failure {
  readonly error: BillingError;
  readonly wasSent: boolean;
}

/** Milliseconds before the next attempt; null where there may be none. */
export function pause(call: Call, outcome: Answer | Failure, attempt: number, base: number): number | null {
  const backoff = Math.random() * base * 2 ** attempt;
  if ("error" in outcome) {
    return call.isRepeatable || !outcome.wasSent ? backoff : null;
  }
  if (!AGAIN.has(outcome.status) || !(call.isRepeatable || NOT_DONE.has(outcome.status))) {
    return null;
  }
  if (outcome.status === 409 && problem(outcome.content)["code"] !== IN_FLIGHT) {
    return null;
  }
  const asked = retryAfter(outcome.headers);
  if (asked === null) {
    return backoff;
  }
  return asked <= MAX_RETRY_AFTER_SECONDS ? Math.max(asked * 1000, backoff) : null;
}
