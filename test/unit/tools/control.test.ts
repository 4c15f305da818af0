import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Phone, SandboxControl } from "../../../tools/sandbox/control.ts";

let server: Server;
let phone: Phone;
/** What is answered, in turn; the last one from then on. */
let statuses: number[];
let asked: number;

beforeEach(async () => {
  asked = 0;
  server = createServer((_, response) => {
    const status = statuses[Math.min(asked, statuses.length - 1)] ?? 500;
    asked += 1;
    response.writeHead(status).end(status === 200 ? '{"id":"A1","items":[],"next":0}' : '{"error":"x"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  phone = new Phone(new SandboxControl(origin), "wim", "+31600000000", "wim@whatsapp");
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test("what the sandbox refuses is asked for once", async () => {
  for (const status of [400, 404, 409]) {
    statuses = [status];
    asked = 0;
    await expect(phone.saysUntilTaken("@ana:here", "hello")).rejects.toThrow(`with ${status}`);
    await expect(phone.shows("anything", () => true, { seconds: 5 })).rejects.toThrow(`with ${status}`);
    expect(asked).toBe(2);
  }
});

test("trouble of its own is waited out", async () => {
  statuses = [500, 503, 200];
  expect(await phone.saysUntilTaken("@ana:here", "hello")).toBe("A1");
  expect(asked).toBe(3);
});
