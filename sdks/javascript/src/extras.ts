/** What methods alone cannot do: follow the feed of events, and wait for a sandbox's clock. */

import type { Clock, Feed, FeedEvent } from "./_generated/types.js";
import type { Options } from "./calls.js";
import { ApiError, BadReply, ConnectionFailed, RateLimited, ServerError, TimedOut } from "./errors.js";
import type { Replied } from "./replies.js";
import { Resource } from "./resource.js";
import { sleep } from "./transport.js";

const WAIT_SECONDS = 20;
const POLL_MILLISECONDS = 500;
const RECONNECT = [1_000, 2_000, 5_000, 10_000];
const PASSING = [ConnectionFailed, TimedOut, RateLimited, ServerError, BadReply];

export interface FollowFields {
  /** A cursor, or `"latest"`: from now on. */
  after?: string;
  since?: string | Date;
  types?: readonly string[];
  /** Seconds for which the server holds a question open while nothing happens. */
  wait?: number;
  signal?: AbortSignal;
}

type Ask = (fields: object, options: Options) => Promise<Replied<Feed>>;

/**
 * The events as they happen, without end; `cursor` is where to go on another time.
 *
 * It moves on once all events before it were taken: whoever stores it hears each event at least once.
 */
export class Follower implements AsyncIterable<FeedEvent> {
  cursor: string | null;

  constructor(
    private readonly ask: Ask,
    private readonly given: FollowFields,
    private readonly timeout: number,
  ) {
    this.cursor = given.after ?? null;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FeedEvent, void, undefined> {
    let failures = 0;
    for (;;) {
      let feed: Replied<Feed>;
      try {
        feed = await this.next();
        failures = 0;
      } catch (error) {
        if (!PASSING.some((kind) => error instanceof kind)) {
          throw error;
        }
        await sleep(pauseAfter(error, failures++), this.given.signal ?? null);
        continue;
      }
      yield* feed.data;
      this.cursor = feed.meta.next_cursor;
    }
  }

  private next(): Promise<Replied<Feed>> {
    const { since, types, wait = WAIT_SECONDS, signal } = this.given;
    const from = this.cursor === null ? { since } : { after: this.cursor };
    const timeout = this.timeout + wait * 1000;
    return this.ask({ ...from, types, wait }, { timeout, maxRetries: 0, ...(signal ? { signal } : {}) });
  }
}

function pauseAfter(error: unknown, failures: number): number {
  const asked = error instanceof ApiError ? (error.retryAfter ?? 0) * 1000 : 0;
  return Math.max(asked, RECONNECT[Math.min(failures, RECONNECT.length - 1)] ?? 0);
}

/** The feed of events. */
export abstract class EventsExtras extends Resource {
  abstract list(fields?: object, options?: Options): Promise<Replied<Feed>>;

  /**
   * Follow the feed for ever: from a cursor, `after: "latest"` from now on, else from its beginning.
   *
   * A lost connection is made again. `types` are those that are wanted, such as `["invoice.paid"]`.
   */
  follow(fields: FollowFields = {}): Follower {
    return new Follower((asked, options) => this.list(asked, options), fields, this.transport.settings.timeout);
  }
}

/** The clock of a sandbox. */
export abstract class ClockExtras extends Resource {
  abstract get(options?: Options): Promise<Replied<Clock>>;
  abstract advance(fields: { to: string | Date }, options?: Options): Promise<Replied<Clock>>;

  /** Set the clock going and wait until it is there; throws TimedOut after so many seconds (300). */
  async advanceAndWait(fields: { to: string | Date; seconds?: number }): Promise<Replied<Clock>> {
    const seconds = fields.seconds ?? 300;
    const until = Date.now() + seconds * 1000;
    let clock = await this.advance({ to: fields.to });
    while (clock.target !== null) {
      if (Date.now() > until) {
        throw new TimedOut(`the clock was still on its way after ${seconds} s`);
      }
      await sleep(POLL_MILLISECONDS);
      clock = await this.get();
    }
    return clock;
  }
}
