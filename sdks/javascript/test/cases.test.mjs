// The cases that every SDK has in common, on the wire.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as sdk from "../dist/esm/index.js";
import { decode } from "../dist/esm/json.js";

const SDKS = process.env.SDKS ?? fileURLToPath(new URL("../../", import.meta.url));
const ROOT = join(SDKS, "..");
const FILES = ["requests", "retries", "errors", "values", "paging", "files", "follow"];
const KEY = "blg_test_CaseKey0";
const NAMES = {
  request_id: "requestId",
  retry_after: "retryAfter",
  idempotency_key: "idempotencyKey",
  was_replayed: "wasReplayed",
  next_cursor: "nextCursor",
  has_more: "hasMore",
};
let server;
let url;

before(async () => {
  server = spawn(process.env.PYTHON ?? join(ROOT, ".venv/bin/python"), ["-m", "sdks.cases.server"], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const port = await new Promise((resolve) => server.stdout.once("data", (text) => resolve(String(text).trim())));
  url = `http://127.0.0.1:${port}`;
});

after(() => server.stdin.end());

for (const file of FILES) {
  const cases = JSON.parse(await readFile(join(ROOT, "sdks/cases", `${file}.json`), "utf8"));
  for (const one of cases) {
    test(`${file}: ${one.name}`, () => run(one));
  }
}

async function run(one) {
  await ask("/_script", JSON.stringify(one.exchanges.map((exchange) => exchange.reply)));
  const folder = await mkdtemp(join(tmpdir(), "billing-sdk-"));
  const started = Date.now();
  const expected = one.result;
  let result;
  let error;
  try {
    result = await take(called(one), one.call.take, folder);
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined) {
    assert.ok(!("error" in expected), "it was expected to fail");
    await judgeResult(result, expected);
  } else {
    await judgeError(error, expected.error ?? {}, folder);
  }
  const seconds = (Date.now() - started) / 1000;
  const [least, most] = one.seconds ?? [0, 60];
  // A busy machine is slower, and never faster.
  assert.ok(least <= seconds && seconds <= most + 10, `${seconds} s`);
  await judgeRequests(one);
}

async function called(one) {
  const { refused, base_path: path = "", timeout, retry_base: base = 0.01, max_retries: retries, ...rest } = one.client ?? {};
  const client = new sdk.Billing({
    ...(rest.token ? {} : { apiKey: KEY }),
    ...rest,
    baseUrl: refused ? "http://127.0.0.1:9" : url + path,
    timeout: (timeout ?? 10) * 1000,
    retryBase: base * 1000,
    ...(retries === undefined ? {} : { maxRetries: retries }),
  });
  const names = one.call.method.split(".").map(camel);
  const verb = names.pop();
  const resource = names.reduce((found, name) => found[name], client);
  // A list or a file must not be awaited here.
  return { said: resource[verb](...(one.call.ids ?? []), ...given(one)) };
}

function given(one) {
  const fields = Object.fromEntries(
    Object.entries(one.call.fields ?? {}).map(([name, value]) => [
      name,
      value?.base64 === undefined ? value : new Uint8Array(Buffer.from(value.base64, "base64")),
    ]),
  );
  const { timeout, extra_headers: headers, ...rest } = one.call.options ?? {};
  const options = {
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [camel(name), value])),
    ...(timeout === undefined ? {} : { timeout: timeout * 1000 }),
    ...(headers === undefined ? {} : { headers }),
  };
  const isBare = Object.keys(fields).length === 0;
  const takesNone = ["invoices.get", "invoices.issue", "receivables.get", "products.archive", "webhook_endpoints.test"];
  if (takesNone.includes(one.call.method) || one.call.method === "webhook_endpoints.jobs.get") {
    return isBare ? [options] : [fields, options];
  }
  return [fields, options];
}

async function take(call, kind = "", folder) {
  const { said } = await call;
  const [what, count] = kind.split(":");
  switch (what) {
    case "all":
      return collect(said);
    case "first":
      return said instanceof sdk.Follower
        ? { cursorOf: said, data: await collect(said, Number(count)) }
        : { data: await said.first(Number(count)) };
    case "page":
      return said.page();
    case "pages":
      return collect(said.pages());
    case "read":
      return said.read();
    case "iter_bytes":
      return Buffer.concat(await collect(said.iterBytes()));
    case "save":
      return readFile(await said.save(join(folder, "file")));
    case "nothing":
      return undefined;
    default:
      return said;
  }
}

async function collect(found, count = Infinity) {
  const rows = [];
  for await (const row of found) {
    if (rows.push(row) >= count) {
      break;
    }
  }
  return rows;
}

async function judgeError(error, expected, folder) {
  const { class: name, also = [], says = [], has_key: hasKey, no_file: noFile, errors, body, ...rest } = expected;
  if (name === "usage") {
    assert.ok(error instanceof TypeError, String(error));
    return;
  }
  assert.equal(error.name, name, String(error.stack));
  also.forEach((above) => assert.ok(error instanceof sdk.errors[above], above));
  says.forEach((text) => assert.ok(error.message.includes(text), error.message));
  if (hasKey) assert.ok(error.idempotencyKey);
  if (noFile) assert.deepEqual(await readdir(folder), []);
  if (errors) assert.deepEqual(error.errors.map((fault) => [fault.pointer, fault.message]), errors);
  if (body) assertWithin(body, error.body);
  for (const [field, value] of Object.entries(rest)) {
    assert.deepEqual(error[NAMES[field] ?? field], value, field);
  }
  assert.ok(!(String(error) + JSON.stringify(error)).includes(KEY));
}

async function judgeResult(result, expected) {
  if ("nothing" in expected) assert.equal(result, undefined);
  if ("base64" in expected) assert.equal(Buffer.from(result).toString("base64"), expected.base64);
  if ("value" in expected) assertWithin(expected.value, result);
  if ("exact" in expected) {
    const found = Object.keys(expected.exact).map((name) => [name, String(result[name])]);
    assert.deepEqual(Object.fromEntries(found), expected.exact);
  }
  if ("response" in expected) {
    const { headers, ...rest } = expected.response;
    assertWithin(headers, result.lastResponse.headers);
    for (const [name, value] of Object.entries(rest)) {
      assert.deepEqual(result.lastResponse[NAMES[name] ?? name], value, name);
    }
  }
  if ("pages" in expected) assert.deepEqual(result.map((page) => page.data.length), expected.pages);
  if ("page" in expected) {
    for (const [name, value] of Object.entries(expected.page)) {
      assert.deepEqual(result[NAMES[name] ?? name], value, name);
    }
  }
  if ("cursor" in expected) assert.equal(result.cursorOf.cursor, expected.cursor);
  if ("values" in expected) {
    const rows = result.data ?? result;
    assert.equal(rows.length, expected.values.length);
    rows.forEach((row, place) => assertWithin(expected.values[place], row));
  }
}

async function judgeRequests(one) {
  const seen = decode(await ask("/_seen"));
  assert.equal(seen.length, one.exchanges.length);
  seen.forEach((request, place) => judgeRequest(request, one.exchanges[place].expect));
  if (one.same_key) assert.equal(new Set(seen.map((request) => request.headers["idempotency-key"])).size, 1);
}

function judgeRequest(request, expected) {
  const { json, query, absent = [], matches = {}, headers = {}, ...rest } = expected;
  if (json !== undefined) assert.deepEqual(JSON.parse(request.body), json);
  if (query !== undefined) assert.deepEqual([...request.query].sort(), [...query].sort());
  absent.forEach((name) => assert.ok(!(name in request.headers), name));
  for (const [name, pattern] of Object.entries(matches)) assert.match(request.headers[name], new RegExp(pattern));
  assertWithin(headers, request.headers);
  for (const [name, value] of Object.entries(rest)) assert.deepEqual(request[name], value, name);
}

function assertWithin(expected, found) {
  if (expected === null || typeof expected !== "object") {
    assert.equal(found, expected);
  } else if (Array.isArray(expected)) {
    assert.equal(found.length, expected.length);
    expected.forEach((one, place) => assertWithin(one, found[place]));
  } else {
    for (const [name, value] of Object.entries(expected)) assertWithin(value, found[name]);
  }
}

function camel(name) {
  return name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

async function ask(path, body) {
  const reply = await fetch(url + path, body === undefined ? {} : { method: "POST", body });
  return reply.text();
}
