/** Which error an answer is. */

import { BY_CODE } from "./_generated/problems.js";
import { ofStatus, problem, type ApiError, type Headers_ } from "./errors.js";

/** The error that an answer is, of the class of its code or else of its status. */
export function ofAnswer(status: number, headers: Headers_, content: string): ApiError {
  const body = problem(content);
  const otherwise = ofStatus(status);
  const found = typeof body["code"] === "string" ? BY_CODE[body["code"]] : undefined;
  const isBelow = found !== undefined && (found.prototype instanceof otherwise || found === otherwise);
  return new (isBelow ? found : otherwise)(status, headers, body);
}
