import { expect, test } from "@jest/globals";
import type { ExaminedLink } from "../../../src/networks/family.ts";
import { signalSection } from "../../../src/networks/signal/config.ts";
import { examineSignal } from "../../../src/networks/signal/examine.ts";
import { processClock } from "../../../src/program/process-clock.ts";
import { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";
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

test("where all of Signal answers, doctor has nothing to mend, whoever is linked", async () => {
  await using mock = await SignalMock.start();
  const parts = { clock: processClock, logins: [] };
  const section = signalSection.parse(mock.section);
  const links: ExaminedLink[] = [];
  for await (const link of examineSignal(section, parts)) links.push(link);
  expect(links.flatMap(({ findings }) => findings)).toEqual([
    { kind: "good", what: expect.stringMatching(/ takes connections, in \d+ ms$/) },
    { kind: "good", what: expect.stringMatching(/ answers$/) },
    {
      kind: "note",
      what: "0 accounts are linked; whether Signal still knows them, “status” tells each person",
    },
  ]);
});
