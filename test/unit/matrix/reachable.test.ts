import { once } from "node:events";
import { createServer as createHttp } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { checkReachable } from "../../../src/matrix/health/reachable.ts";
import { Requests } from "../../../src/matrix/http/requests.ts";
import { selfSigned } from "../../kit/self-signed.ts";

const around: Server[] = [];
afterEach(() => {
  for (const server of around.splice(0)) server.close();
});

async function portOf(server: Server): Promise<number> {
  around.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function reached(homeserverUrl: string): Promise<void> {
  await using requests = new Requests({ homeserverUrl, asToken: "token", connections: 1 });
  await checkReachable(requests, homeserverUrl);
}

const versions = JSON.stringify({ versions: ["v1.17"] });

describe("the homeserver's address", () => {
  test("at which a homeserver answers is right, with a path too", async () => {
    const port = await portOf(createHttp((_, response) => response.end(versions)));
    await reached(`http://127.0.0.1:${port}`);
    await reached(`http://127.0.0.1:${port}/matrix`);
  });

  test("with http where TLS is spoken is told the address with https, at once or after a silence", async () => {
    const port = await portOf(createHttps(selfSigned, (_, response) => response.end(versions)));
    await expect(reached(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      retryAfter: undefined,
      words: `What answers at http://127.0.0.1:${port} speaks https, not plain http. Write https://127.0.0.1:${port} as homeserver.url in the configuration.`,
    });
  });

  test("with a path too many is told the address without it, the nearest at which a homeserver answers", async () => {
    const tokens: unknown[] = [];
    const port = await portOf(
      createHttp(({ url, headers }, response) => {
        tokens.push(headers.authorization);
        if (url === "/matrix/_matrix/client/versions") response.end(versions);
        else response.writeHead(404).end(JSON.stringify({ errcode: "M_UNRECOGNIZED" }));
      }),
    );
    for (const path of ["/_matrix", "/_matrix/client", "/_matrix/client/v3"]) {
      tokens.length = 0;
      await expect(reached(`http://127.0.0.1:${port}/matrix${path}`)).rejects.toMatchObject({
        reason: "homeserver-fault",
        words: `The homeserver is not under http://127.0.0.1:${port}/matrix${path}, which has a path too many. Write http://127.0.0.1:${port}/matrix as homeserver.url in the configuration.`,
      });
      expect(tokens.slice(1).every((token) => token === undefined)).toBe(true);
    }
    await expect(reached(`http://127.0.0.1:${port}/elsewhere/_matrix`)).rejects.toThrow(
      "is not a Matrix homeserver",
    );
  });

  test("with https where http is spoken is told the address with http", async () => {
    const port = await portOf(createHttp((_, response) => response.end(versions)));
    await expect(reached(`https://127.0.0.1:${port}/matrix`)).rejects.toMatchObject({
      words: `What answers at https://127.0.0.1:${port}/matrix speaks plain http, not https. Write http://127.0.0.1:${port}/matrix as homeserver.url in the configuration.`,
    });
  });

  test("whose certificate nobody vouches for is told as that, and may be mended", async () => {
    const port = await portOf(createHttps(selfSigned, (_, response) => response.end(versions)));
    await expect(reached(`https://127.0.0.1:${port}`)).rejects.toMatchObject({
      retryAfter: 0,
      words: expect.stringContaining(
        "Its certificate is not one this machine trusts (DEPTH_ZERO_SELF_SIGNED_CERT)",
      ),
    });
  });

  test("that has no such name is told as that", async () => {
    await expect(reached("http://no-such-host.invalid")).rejects.toMatchObject({
      retryAfter: 0,
      words: expect.stringMatching(/Its name is not found \((ENOTFOUND|EAI_AGAIN)\)/),
    });
  });

  test("whose server says nothing may not be up yet", async () => {
    const port = await portOf(createTcp((socket) => socket.on("data", () => socket.destroy())));
    await expect(reached(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
      reason: "homeserver-unreachable",
      retryAfter: 0,
    });
  });

  test("that leads to a web page or elsewhere is told as that", async () => {
    const page = await portOf(createHttp((_, response) => response.end("<html>")));
    await expect(reached(`http://127.0.0.1:${page}`)).rejects.toThrow("is not a Matrix homeserver");
    const bad = await portOf(createHttp((_, response) => response.writeHead(400).end("Bad Request")));
    await expect(reached(`http://127.0.0.1:${bad}`)).rejects.toThrow("is not a Matrix homeserver");
    const moved = await portOf(
      createHttp((_, response) => response.writeHead(301, { location: "https://elsewhere.example" }).end()),
    );
    await expect(reached(`http://127.0.0.1:${moved}`)).rejects.toThrow(
      "sends whoever asks to another address",
    );
  });
});
