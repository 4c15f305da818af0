import { expect, test } from "@jest/globals";
import { faultOfSocket } from "../../../src/matrix/http/homeserver-error.ts";
import { Requests, route } from "../../../src/matrix/http/requests.ts";
import { freePorts } from "../../../tools/process/ports.ts";

test.each([
  ["ECONNREFUSED", true],
  ["ENOTFOUND", true],
  ["EAI_AGAIN", true],
  ["EHOSTUNREACH", true],
  ["UND_ERR_CONNECT_TIMEOUT", true],
  ["ECONNRESET", false],
  ["EPIPE", false],
  ["ETIMEDOUT", false],
  ["UND_ERR_SOCKET", false],
  ["UND_ERR_HEADERS_TIMEOUT", false],
  ["UND_ERR_BODY_TIMEOUT", false],
  [undefined, false],
])("without an answer, by %s, it is certain that nothing was done: %s", (code, certain) => {
  const cause = Object.assign(new Error("no answer"), code === undefined ? {} : { code });
  expect(faultOfSocket(cause)).toMatchObject({
    reason: "homeserver-unreachable",
    certain,
    retryAfter: 0,
    cause,
  });
});

test("a port where nobody listens took nothing, for certain", async () => {
  const [port = 0] = await freePorts(1);
  await using requests = new Requests({ homeserverUrl: `http://127.0.0.1:${port}`, asToken: "secret" });
  const asked = requests.ask({ method: "GET", path: route`/_matrix/client/versions` });
  await expect(asked).rejects.toMatchObject({ certain: true, cause: { code: "ECONNREFUSED" } });
});
