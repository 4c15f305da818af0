import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, jest, test } from "@jest/globals";
import { stringify } from "yaml";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { health } from "../../../src/program/health.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "health-"));
});

function configured(listen: string | undefined): { readonly kind: "health"; readonly config: string } {
  const config = join(folder, "config.yaml");
  const text = stringify({
    homeserver: { url: "http://127.0.0.1:1", server_name: "home.test" },
    appservice: { listen: "127.0.0.1:2" },
    networks: { meta_interop: { partner: { url: "https://chats.home.test", listen: "127.0.0.1:3" } } },
    permissions: { "home.test": "user" },
    ...(listen === undefined ? {} : { health: { listen } }),
  });
  writeFileSync(config, text);
  return { kind: "health", config };
}

/** What the command prints and its exit status, beside a bridge that gives these reasons for not being ready. */
async function told(reasons: readonly string[], host = "127.0.0.1") {
  await using server = createServer((request, response) => {
    const ready = request.url === "/ready";
    response.statusCode = ready && reasons.length > 0 ? 503 : 200;
    response.end(JSON.stringify(ready ? { ready: reasons.length === 0, reasons } : { live: true }));
  });
  await new Promise<void>((up) => server.listen(0, host, up));
  const printed = jest.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    const { port } = server.address() as AddressInfo;
    const status = await health(configured(`${host}:${port}`));
    return { status, words: printed.mock.calls.flat().join("\n") };
  } finally {
    printed.mockRestore();
  }
}

const refusal = async (asked: Promise<unknown>): Promise<string> => {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof BridgeError ? error.words : String(error);
};

test("a bridge that is ready is told so", async () => {
  expect(await told([])).toEqual({ status: 0, words: "ready" });
});

test("a bridge that waits for somebody else is alive, and its reasons are told", async () => {
  const reasons = ["The homeserver does not answer."];
  expect(await told(reasons)).toEqual({
    status: 0,
    words: "running, but:\nThe homeserver does not answer.",
  });
});

test("one that listens on every address is asked on this machine's", async () => {
  expect((await told([], "0.0.0.0")).status).toBe(0);
});

test("one that does not answer is a failure in words", async () => {
  expect(await refusal(health(configured("127.0.0.1:1")))).toContain(
    "The bridge does not answer at http://127.0.0.1:1/live: ",
  );
});

test.each([
  ["a page", 200, "<html>hello</html>"],
  ["JSON of another program", 200, "{}"],
  ["another program's health", 200, JSON.stringify({ status: "ok", reasons: [] })],
  ["nothing", 404, ""],
])("one that is answered for by another program, with %s, is a failure in words", async (_, status, body) => {
  await using server = createServer((__, response) => response.writeHead(status).end(body));
  await new Promise<void>((up) => server.listen(0, "127.0.0.1", up));
  const { port } = server.address() as AddressInfo;
  expect(await refusal(health(configured(`127.0.0.1:${port}`)))).toBe(
    `What answers at http://127.0.0.1:${port}/live is not a bridge that is well (status ${status}). If it is another program, give the section "health" a port of its own and start the bridge again; else look at its log.`,
  );
});

test("without the section there is nothing to ask, and it is said what to add", async () => {
  expect(await refusal(health(configured(undefined)))).toContain('Add "health: { listen: 127.0.0.1:29342 }"');
});
