/** Every error that this SDK throws: those of the client and webhooks, of statuses, and of codes. */

export * from "./errors.js";
export * from "./_generated/problems.js";
