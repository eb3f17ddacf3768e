/** What resources are made of: a method's operation and values become a call, its answer becomes an object. */

import { prepare, type Call, type Fields, type Id, type Operation, type Options } from "./calls.js";
import { File_ } from "./files.js";
import { Listing } from "./paging.js";
import { read, type Replied } from "./replies.js";
import { requireDone, type Transport } from "./transport.js";

/** A resource of the client. */
export class Resource {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** @internal */
  protected get transport(): Transport {
    return this.#transport;
  }

  /** @internal */
  protected async object<T>(operation: Operation, ids: Id[], fields?: object, options?: Options): Promise<Replied<T>> {
    return read<T>(await this.#transport.run(this.call(operation, ids, fields, options)));
  }

  /** @internal */
  protected async done(operation: Operation, ids: Id[], fields?: object, options?: Options): Promise<void> {
    requireDone(await this.#transport.run(this.call(operation, ids, fields, options)));
  }

  /** @internal */
  protected listing<T>(operation: Operation, ids: Id[], fields?: object, options?: Options): Listing<T> {
    const given = (fields ?? {}) as Fields;
    const ask = async (more: Fields) =>
      this.#transport.run(this.call(operation, ids, { ...given, ...more }, options));
    return new Listing<T>(ask, given, operation.pagesByOffset === true);
  }

  /** @internal */
  protected file(operation: Operation, ids: Id[], fields?: object, options?: Options): File_ {
    const call = this.call(operation, ids, fields, options);
    return new File_(() => this.#transport.run(call, true));
  }

  private call(operation: Operation, ids: Id[], fields: object = {}, options: Options = {}): Call {
    return prepare(operation, ids, fields as Fields, options, this.#transport.settings);
  }
}
