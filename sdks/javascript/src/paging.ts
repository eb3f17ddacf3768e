/** Lists: what `list()` gives is iterated, and goes on by itself from page to page. */

import type { Fields } from "./calls.js";
import { BadReply } from "./errors.js";
import { decode } from "./json.js";
import { lastResponse, type LastResponse } from "./replies.js";
import type { Answer } from "./retries.js";
import { requireDone } from "./transport.js";

const DEFAULT_LIMIT = 100;

/** One page of a list, newest first. */
export interface Page<T> {
  readonly data: readonly T[];
  /** Give it as `cursor` to go on after this page; null at the end. */
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
  /** How many there are in all, where `include: "total"` asked for it. */
  readonly total: number | null;
  readonly lastResponse: LastResponse;
}

/**
 * A list: nothing is asked before it is iterated, and no more than is taken.
 *
 * `for await (const contact of client.contacts.list()) …` goes over all pages.
 */
export class Listing<T> implements AsyncIterable<T> {
  constructor(
    private readonly ask: (more: Fields) => Promise<Answer>,
    private readonly given: Fields,
    private readonly byOffset: boolean,
  ) {}

  /** The first page. */
  async page(): Promise<Page<T>> {
    return pageOf(await this.ask({}));
  }

  /** Every page. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    let more: Fields | null = {};
    let seen = Number(this.given["offset"] ?? 0);
    const limit = Number(this.given["limit"] ?? DEFAULT_LIMIT);
    while (more !== null) {
      const page: Page<T> = pageOf(await this.ask(more));
      yield page;
      seen += page.data.length;
      if (page.nextCursor !== null) {
        if (more["cursor"] === page.nextCursor) {
          throw new BadReply("the list does not go on: its cursor is the one that was given");
        }
        more = { cursor: page.nextCursor, offset: undefined };
      } else {
        more = this.byOffset && page.data.length >= limit ? { offset: seen, limit } : null;
      }
    }
  }

  /** The first so many, or all where there are fewer. */
  async first(count: number): Promise<T[]> {
    const found: T[] = [];
    if (count > 0) {
      for await (const row of this) {
        if (found.push(row) >= count) {
          break;
        }
      }
    }
    return found;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) {
      yield* page.data;
    }
  }
}

function pageOf<T>(answer: Answer): Page<T> {
  requireDone(answer);
  const body = decode(answer.content) as { data?: unknown; meta?: { next_cursor?: unknown; total?: unknown } } | null;
  if (body === null || typeof body !== "object" || !Array.isArray(body.data)) {
    throw new BadReply("the reply is no page of a list");
  }
  const cursor = typeof body.meta?.next_cursor === "string" ? body.meta.next_cursor : null;
  const total = typeof body.meta?.total === "number" ? body.meta.total : null;
  return {
    data: body.data as T[],
    nextCursor: cursor,
    hasMore: cursor !== null,
    total,
    lastResponse: lastResponse(answer),
  };
}
