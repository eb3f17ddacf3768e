/** The client: what one makes first, and asks for everything. */

import { Root } from "./_generated/resources.js";
import { settingsOf, type ClientOptions } from "./settings.js";
import { Transport } from "./transport.js";

/**
 * A client of the platform. The key comes from `BILLING_API_KEY`, the address from `BILLING_BASE_URL`, where they are not
 * given. For a user's JWT give `token` (or what makes one) and the slug of the `workspace`.
 */
export class Billing extends Root {
  constructor(options: ClientOptions = {}) {
    super(new Transport(settingsOf(options)));
  }

  /** The platform's address. */
  get baseUrl(): string {
    return this.transport.settings.baseUrl;
  }
}
