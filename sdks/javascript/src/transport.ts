/** Makes attempts with fetch, until an exchange has ended. */

import type { Call } from "./calls.js";
import { BadReply, ConnectionFailed, TimedOut, type BillingError, type Headers_ } from "./errors.js";
import { ofAnswer } from "./problems.js";
import { pause, type Answer, type Failure } from "./retries.js";
import { identity, type Settings } from "./settings.js";

const UNSENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT", "EHOSTUNREACH"]);
const told = new Set<string>();

/** Asks the platform, with what a client was given. */
export class Transport {
  constructor(readonly settings: Settings) {}

  /** The answer to a call; throws BillingError. With `stream` the content of a good one is left to be read. */
  async run(call: Call, stream = false): Promise<Answer> {
    const until = Date.now() + call.timeout * (call.maxRetries + 1);
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.attempt(call, stream);
      if (!("error" in outcome) && outcome.status < 400) {
        return outcome;
      }
      const wait = pause(call, outcome, attempt, this.settings.retryBase);
      if (wait === null || attempt >= call.maxRetries || Date.now() + wait > until) {
        throw whatIsLeft(call, outcome);
      }
      await sleep(wait, call.signal);
    }
  }

  private async attempt(call: Call, stream: boolean): Promise<Answer | Failure> {
    const headers = { ...call.headers, ...(await identity(this.settings)) };
    const clock = new Clock(call.timeout, call.signal);
    try {
      const response = await this.settings.fetch(this.settings.baseUrl + call.target, {
        method: call.method,
        headers,
        body: call.body as BodyInit | null,
        redirect: "manual",
        signal: clock.signal,
      });
      clock.wind();
      const content = stream && response.status < 300 ? "" : await response.text();
      return answer(response, content);
    } catch (error) {
      return failure(error, clock, call);
    } finally {
      clock.stop();
    }
  }
}

/** Ends what takes longer than it may. */
class Clock {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  isOver = false;

  constructor(
    private readonly milliseconds: number,
    private readonly outer: AbortSignal | null,
  ) {
    outer?.addEventListener("abort", this.give, { once: true });
    if (outer?.aborted) {
      this.controller.abort(outer.reason);
    }
    this.wind();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Begin anew: each part of an answer has the whole time. */
  wind(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.isOver = true;
      this.controller.abort();
    }, this.milliseconds);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener("abort", this.give);
  }

  private readonly give = (): void => this.controller.abort(this.outer?.reason);
}

function answer(response: Response, content: string): Answer {
  const headers: Headers_ = Object.fromEntries(response.headers.entries());
  const said = headers["billing-deprecation"];
  if (said !== undefined && !told.has(said)) {
    told.add(said);
    console.warn(`the platform says of this version of the SDK: ${said}`);
  }
  return { status: response.status, headers, content, response };
}

function failure(error: unknown, clock: Clock, call: Call): Failure {
  if (call.signal?.aborted) {
    throw call.signal.reason;
  }
  if (clock.isOver) {
    return { error: new TimedOut(`no answer within ${call.timeout} ms`), wasSent: true };
  }
  if (error instanceof TypeError && error.cause === undefined && /invalid|parse/i.test(error.message)) {
    throw error;
  }
  return { error: broken(error), wasSent: !UNSENT.has(codeOf(error)) };
}

/** What fetch says, in our words. */
export function broken(error: unknown): ConnectionFailed {
  const said = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  return new ConnectionFailed(code ? `${said} (${code})` : said);
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === "string" ? cause.code : "";
}

function whatIsLeft(call: Call, outcome: Answer | Failure): BillingError {
  const error = "error" in outcome ? outcome.error : ofAnswer(outcome.status, outcome.headers, outcome.content);
  error.idempotencyKey = call.idempotencyKey;
  return error;
}

/** Wait; throws what the signal was ended with. */
export function sleep(milliseconds: number, signal: AbortSignal | null = null): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted) {
      end();
    }
  });
}

/** Fails for an answer that is none of this API, such as a redirect. */
export function requireDone(found: Answer): void {
  if (found.status < 200 || found.status >= 300) {
    throw new BadReply(`the server answered ${found.status}`);
  }
}
