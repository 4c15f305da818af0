import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { checkProxying } from "../../../src/matrix/health/proxied-check.ts";
import { proxiedBase } from "../../../src/matrix/registration/proxied.ts";
import { buildRegistration } from "../../../src/matrix/registration/registration.ts";

const plain = buildRegistration({
  id: "bridge",
  url: "http://127.0.0.1:1",
  protocols: [],
  botLocalpart: "bot",
  prefix: "_tpc_",
  serverName: "example.org",
});
const PREFIX = "io.element.msc4512.proxy_prefix";
const asking = { ...plain, [PREFIX]: "rtc/livekit/chats", "io.element.msc4512.proxy_url": plain.url };

/** What is found with a homeserver that answers so; and what it was asked. */
async function found(status: number, body: string, registration: typeof plain = asking) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxying = await checkProxying(url, registration);
  server.closeAllConnections();
  server.close();
  await once(server, "close");
  return { proxying, asked, url };
}

describe("whether the homeserver passes clients' requests on", () => {
  test("is asked as the bridge, for what only the bridge answers", async () => {
    const { proxying, asked } = await found(200, '{"fi.mau.bridges":[]}');
    expect(proxying).toBe("on");
    expect(asked).toEqual([
      `/_matrix/client/unstable/io.element.msc4512/rtc/livekit/chats/.well-known/matrix/mautrix Bearer ${plain.as_token}`,
    ]);
  });

  test.each([
    ["is off where the homeserver knows no such address", 404, '{"errcode":"M_UNRECOGNIZED"}', "off"],
    ["is off where something else answers", 200, "<html>", "off"],
    ["fails where the homeserver does not reach us", 500, '{"errcode":"M_UNKNOWN"}', "failing"],
  ])("%s", async (_, status, body, outcome) => {
    expect((await found(status, body)).proxying).toBe(outcome);
  });

  test("is not asked where the registration does not want it, and is off where nobody answers", async () => {
    expect(await found(200, "{}", plain)).toMatchObject({ proxying: "off", asked: [] });
    const { url } = await found(200, "{}");
    expect(await checkProxying(url, asking)).toBe("off");
  });

  test.each(["", "/", "a//b", "a b", "a?b", "a#b", 7])("a prefix of %j is none", (prefix) => {
    expect(proxiedBase({ ...asking, [PREFIX]: prefix })).toBeUndefined();
  });
});
