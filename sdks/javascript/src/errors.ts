/** What goes wrong: one class for each thing that a caller may want to tell apart. */

/** Anything that this SDK throws of its own. */
export class BillingError extends Error {
  /** The key that was sent: asked again with it, the server does it once. */
  idempotencyKey: string | null = null;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** There was no answer: the server was not reached, or the connection broke. */
export class ConnectionFailed extends BillingError {}

/** The server did not answer in time. */
export class TimedOut extends BillingError {}

/** What answered does not speak this API: the reply cannot be read. */
export class BadReply extends BillingError {}

/** What is wrong with one field: a JSON pointer into the body or a parameter's name, and a sentence. */
export interface FieldFault {
  readonly pointer: string;
  readonly message: string;
}

export type Headers_ = Readonly<Record<string, string>>;
type Body = Readonly<Record<string, unknown>>;

/** The API said no. */
export class ApiError extends BillingError {
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldFault[];
  /** Names the request to whoever runs the platform. */
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;

  constructor(
    readonly status: number,
    headers: Headers_,
    /** All that the problem (RFC 9457) says. */
    readonly body: Body,
  ) {
    const detail = text(body["detail"]) || text(body["title"]) || `The server answered ${status}.`;
    const errors = faults(body["errors"]);
    const requestId = text(body["request_id"]) || headers["x-request-id"] || null;
    const said = errors.slice(0, 5).map((fault) => `; ${fault.pointer}: ${fault.message}`);
    super(`${detail}${said.join("")}${requestId ? ` (request ${requestId})` : ""}`);
    this.code = text(body["code"]);
    this.detail = detail;
    this.errors = errors;
    this.requestId = requestId;
    this.retryAfter = retryAfter(headers);
  }
}

/** 400: the request cannot be read. */
export class BadRequest extends ApiError {}
/** 401: there is no valid credential. */
export class Unauthorized extends ApiError {}
/** 403: the credential lacks a scope. */
export class Forbidden extends ApiError {}
/** 404: there is no such thing in this workspace. */
export class NotFound extends ApiError {}
/** 409: it cannot be done as things stand now. */
export class Conflict extends ApiError {}
/** 412: it was changed since; `ifMatch` names another version. */
export class PreconditionFailed extends ApiError {}
/** 422: fields are wrong; `errors` names each. */
export class Invalid extends ApiError {}
/** 429: too many requests; `retryAfter` says when to come back. */
export class RateLimited extends ApiError {}
/** 500 and above: something went wrong on the platform's side. */
export class ServerError extends ApiError {}
/** 502, 503, 504: not now. */
export class Unavailable extends ServerError {}

/** A webhook that is not believed; the subclass says why. */
export class WebhookRefused extends BillingError {}
/** A header of Standard Webhooks is not there. */
export class MissingHeader extends WebhookRefused {}
/** It was signed too long ago, or in the future. */
export class WrongTimestamp extends WebhookRefused {}
/** None of its signatures is by a secret that is known here. */
export class WrongSignature extends WebhookRefused {}

export type ApiErrorClass = new (status: number, headers: Headers_, body: Body) => ApiError;

const BY_STATUS: Readonly<Record<number, ApiErrorClass>> = {
  400: BadRequest,
  401: Unauthorized,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  412: PreconditionFailed,
  422: Invalid,
  429: RateLimited,
  502: Unavailable,
  503: Unavailable,
  504: Unavailable,
};

/** The class of a status. */
export function ofStatus(status: number): ApiErrorClass {
  return BY_STATUS[status] ?? (status >= 500 ? ServerError : ApiError);
}

/** What a problem says; empty for an answer that is none. */
export function problem(content: string): Body {
  try {
    const body: unknown = JSON.parse(content);
    return body !== null && typeof body === "object" && !Array.isArray(body) ? (body as Body) : {};
  } catch {
    return {};
  }
}

/** Whole seconds of `Retry-After`; null where it says none. */
export function retryAfter(headers: Headers_): number | null {
  const said = (headers["retry-after"] ?? "").trim();
  return /^\d+$/.test(said) ? Number(said) : null;
}

function faults(found: unknown): FieldFault[] {
  const rows = Array.isArray(found) ? found : [];
  return rows
    .filter((row): row is Record<string, unknown> => row !== null && typeof row === "object")
    .map((row) => ({ pointer: text(row["pointer"]), message: text(row["message"]) }));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
