import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "@jest/globals";
import { FreePorts } from "../../../src/program/init/free-ports.ts";

/** An address of this machine that no other program listens on. */
const host = "127.41.29.40";

test("the usual port is found where it is free, the next one where it is taken or was given", async () => {
  const ports = new FreePorts();
  expect(await ports.next(host, 29_340)).toBe(29_340);
  await using server = createServer().listen(29_341, host);
  await once(server, "listening");
  expect(await ports.next(host, 29_340)).toBe(29_342);
  expect(await new FreePorts().next(host, 29_341)).toBe(29_342);
});

test("an address that is not this machine's is refused with what to do", async () => {
  await expect(new FreePorts().next("192.0.2.1", 29_340)).rejects.toMatchObject({
    words: "192.0.2.1 is not an address of this machine (EADDRNOTAVAIL); give one with --listen.",
  });
});
