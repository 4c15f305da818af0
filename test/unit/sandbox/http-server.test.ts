import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "@jest/globals";
import { createHttpServer } from "../../../src/sandbox/http/http-server.ts";
import type { Logger } from "../../../src/sandbox/logger.ts";

const nothing = (): void => undefined;
const log: Logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };

test("a file is served whatever its sender calls its type, and an answer that fails is an answer", async () => {
  const bytes = Buffer.from("abc");
  const server = createHttpServer(
    [
      {
        method: "GET",
        path: "/file/:type",
        handle: ({ params }) => ({ status: 200, bytes, type: params["type"] ?? "" }),
      },
      { method: "GET", path: "/broken", handle: () => ({ status: 7, body: {} }) },
    ],
    log,
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const get = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) });
  const types = {
    "image/png": "image/png",
    "audio/ogg; codecs=opus": "audio/ogg; codecs=opus",
    "image/png€": "application/octet-stream",
    "a/b\r\nx: y": "application/octet-stream",
    picture: "application/octet-stream",
  };
  for (const [given, served] of Object.entries(types)) {
    const response = await get(`/file/${encodeURIComponent(given)}`);
    expect([given, response.status, response.headers.get("content-type")]).toEqual([given, 200, served]);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  }
  const broken = await get("/broken");
  expect(broken.status).toBe(500);
  expect(await broken.json()).toMatchObject({ error: { code: "internal" } });
  server.close();
  server.closeAllConnections();
});
