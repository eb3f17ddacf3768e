/** Amounts: the API has whole minor units (`total_minor`), people have 119.00. */

import { DIGITS } from "./_generated/currencies.js";

/** The amount in major units, as text with all its digits: `toDecimal(11900, "EUR")` is `"119.00"`. */
export function toDecimal(minor: number | bigint, currency: string): string {
  if (typeof minor !== "bigint" && !Number.isSafeInteger(minor)) {
    throw new TypeError("an amount in minor units is a whole number");
  }
  const count = digits(currency);
  const whole = BigInt(minor);
  const text = (whole < 0n ? -whole : whole).toString().padStart(count + 1, "0");
  const place = text.length - count;
  return `${whole < 0n ? "-" : ""}${text.slice(0, place)}${count > 0 ? `.${text.slice(place)}` : ""}`;
}

/** The amount in minor units (a bigint beyond 2^53); throws RangeError where it has more digits than the currency. */
export function toMinor(amount: string, currency: string): number | bigint {
  if (typeof amount !== "string") {
    throw new TypeError("an amount is a string; the digits of a number are not its own");
  }
  const found = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(amount.trim());
  if (found === null) {
    throw new RangeError(`${JSON.stringify(amount)} is no amount`);
  }
  const count = digits(currency);
  const fraction = (found[3] ?? "").replace(/0+$/, "");
  if (fraction.length > count) {
    throw new RangeError(`${amount} has more digits than ${currency}`);
  }
  const whole = BigInt(`${found[2]}${fraction.padEnd(count, "0")}`) * (found[1] === "-" ? -1n : 1n);
  return whole >= Number.MIN_SAFE_INTEGER && whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole;
}

/** How many digits the minor unit has (ISO 4217): EUR 2, JPY 0, KWD 3. */
export function digits(currency: string): number {
  const found = Object.hasOwn(DIGITS, currency) ? DIGITS[currency] : undefined;
  if (found === undefined) {
    throw new RangeError(`${JSON.stringify(currency)} is no currency of ISO 4217`);
  }
  return found;
}
