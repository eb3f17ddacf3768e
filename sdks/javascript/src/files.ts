/** Files: PDFs, XML and pictures, read as they come. */

import type { Answer } from "./retries.js";
import { broken, requireDone } from "./transport.js";

/** A file of the API: nothing is asked before it is read or saved. */
export class File_ {
  constructor(private readonly ask: () => Promise<Answer>) {}

  /** All of it. */
  async read(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.iterBytes()) {
      pieces.push(piece);
    }
    const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
    let place = 0;
    for (const piece of pieces) {
      whole.set(piece, place);
      place += piece.length;
    }
    return whole;
  }

  /** Piece by piece, as it comes; throws ConnectionFailed where it breaks off. */
  async *iterBytes(): AsyncGenerator<Uint8Array, void, undefined> {
    const answer = await this.ask();
    requireDone(answer);
    const reader = answer.response.body?.getReader();
    try {
      for (let piece = await reader?.read(); piece !== undefined && !piece.done; piece = await reader?.read()) {
        yield piece.value;
      }
    } catch (error) {
      throw broken(error);
    } finally {
      await reader?.cancel().catch(() => undefined);
    }
  }

  /** Write it to a path (Node, Deno, Bun), which holds all of it or what it held before. */
  async save(path: string): Promise<string> {
    const files = (await import("node:fs/promises" as string)) as Files;
    const partial = `${path}.${Date.now().toString(36)}.part`;
    try {
      await files.writeFile(partial, this.iterBytes());
      await files.rename(partial, path);
    } catch (error) {
      await files.rm(partial, { force: true });
      throw error;
    }
    return path;
  }
}

/** What is used of Node's module. */
interface Files {
  writeFile(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
}
