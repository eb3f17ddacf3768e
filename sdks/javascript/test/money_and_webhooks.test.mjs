// Amounts and webhooks, by the cases that every SDK has in common.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as sdk from "../dist/esm/index.js";
import { decode, encode } from "../dist/esm/json.js";

const SDKS = process.env.SDKS ?? fileURLToPath(new URL("../../", import.meta.url));
const load = async (name) => decode(await readFile(join(SDKS, "cases", `${name}.json`), "utf8"));
const { both_ways: bothWays, to_minor: toMinor, refused } = await load("money");
const bytes = (text) => new TextEncoder().encode(text);
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

test("an amount is the same both ways", () => {
  for (const { minor, currency, amount } of bothWays) {
    assert.equal(sdk.money.toDecimal(minor, currency), amount);
    assert.equal(sdk.money.toMinor(amount, currency), minor);
  }
});

test("an amount becomes minor units", () => {
  for (const { minor, currency, amount } of toMinor) {
    assert.equal(sdk.money.toMinor(amount, currency), minor);
  }
});

test("what is no amount is refused", () => {
  for (const { amount, currency } of refused) {
    assert.throws(() => sdk.money.toMinor(amount, currency), RangeError, amount);
  }
  assert.throws(() => sdk.money.toMinor(1.1, "EUR"), TypeError);
  assert.throws(() => sdk.money.toDecimal(1.5, "EUR"), TypeError);
});

for (const one of await load("webhooks")) {
  test(`a webhook: ${one.name}`, async () => {
    const webhook = new sdk.Webhook(one.secrets);
    const options = { now: one.now, tolerance: one.tolerance ?? 300 };
    const verified = webhook.verify(bytes(one.body), one.headers, options);
    if (one.result.error) {
      await assert.rejects(verified, sdk.errors[one.result.error]);
      return;
    }
    const event = await verified;
    assert.equal(event.type, one.result.type);
    for (const [name, value] of Object.entries(one.result.data ?? {})) {
      assert.equal(event.data[name], value);
    }
  });
}

test("what is signed is believed, by Headers too, and only as raw bytes", async () => {
  const webhook = new sdk.Webhook(SECRET);
  const body = bytes('{"type":"invoice.paid","data":{}}');
  const headers = new Headers(await webhook.sign(body, "msg_1"));
  assert.equal((await webhook.verify(body, headers)).type, "invoice.paid");
  assert.equal((await webhook.verify(body.buffer, headers)).type, "invoice.paid");
  await assert.rejects(webhook.verify({ type: "invoice.paid" }, headers), /raw bytes/);
  assert.throws(() => new sdk.Webhook("whsec_not base64!"), (error) => !String(error).includes("not base64"));
  assert.ok(!JSON.stringify(webhook).includes("MfKQ"));
});

test("numbers keep their digits, and a fraction is not sent as a number", () => {
  assert.deepEqual(decode('{"a":0.10,"b":9007199254740993,"c":"1.5e3 \\" 2.5","d":-7}'), {
    a: "0.10",
    b: 9007199254740993n,
    c: '1.5e3 " 2.5',
    d: -7,
  });
  assert.equal(encode({ a: 1, b: 9007199254740993n, c: undefined, d: [null] }), '{"a":1,"b":9007199254740993,"d":[null]}');
  assert.throws(() => encode({ lines: [{ unit_price: 0.1 }] }), /lines\[0\]\.unit_price/);
});

test("the package is the same as CommonJS", async () => {
  const common = createRequire(import.meta.url)("../dist/cjs/index.js");
  assert.deepEqual(Object.keys(common).sort(), Object.keys(sdk).sort());
  const client = new common.Billing({ apiKey: "blg_test_x", baseUrl: "http://127.0.0.1:9", maxRetries: 0 });
  await assert.rejects(client.invoices.get("x"), common.errors.ConnectionFailed);
});

test("a client says what it lacks, and shows no key", () => {
  assert.throws(() => new sdk.Billing({ baseUrl: "https://a.example", apiKey: "" }), /BILLING_API_KEY/);
  assert.throws(() => new sdk.Billing({ apiKey: "k", baseUrl: "a.example" }), /baseUrl/);
  assert.throws(() => new sdk.Billing({ apiKey: "k", baseUrl: "https://u:p@a.example" }), /baseUrl/);
  assert.throws(() => new sdk.Billing({ apiKey: "k", token: "t", baseUrl: "https://a.example" }), /not both/);
  const client = new sdk.Billing({ apiKey: "blg_live_secret", baseUrl: "https://a.example" });
  assert.ok(!JSON.stringify(client).includes("blg_live_secret"));
  globalThis.window = { document: {} };
  try {
    assert.throws(() => new sdk.Billing({ apiKey: "blg_live_secret", baseUrl: "https://a.example" }), /page/);
    new sdk.Billing({ token: "jwt", baseUrl: "https://a.example" });
  } finally {
    delete globalThis.window;
  }
});

test("a signal ends a call", async () => {
  const client = new sdk.Billing({ apiKey: "k", baseUrl: "http://127.0.0.1:9" });
  await assert.rejects(client.invoices.get("x", { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
});
