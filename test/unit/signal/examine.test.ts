import { expect, test } from "@jest/globals";
import { examineSignal } from "../../../src/networks/signal/examine.ts";
import { VirtualClock } from "../../kit/virtual-clock.ts";

test("doctor says among its findings which value of a server of one's own cannot be used", async () => {
  const server = {
    port: 1,
    ca: "-----BEGIN CERTIFICATE-----\nMIIB",
    zk_params: "AAAA",
    trust_roots: ["BXu6"],
  };
  const parts = { clock: new VirtualClock(), logins: [] };
  const links: unknown[] = [];
  for await (const link of examineSignal({ server, device_name: "Bridge" }, parts)) links.push(link);
  expect(links).toMatchObject([
    {
      name: "signal",
      findings: [
        {
          kind: "bad",
          what: "What stands at networks.signal.server.ca is not a certificate in PEM.",
          cure: expect.stringMatching(/\.$/),
        },
      ],
    },
  ]);
});
