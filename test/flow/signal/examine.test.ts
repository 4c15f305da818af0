import { expect, test } from "@jest/globals";
import { signalSection } from "../../../src/networks/signal/config.ts";
import { examineSignal } from "../../../src/networks/signal/examine.ts";
import { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";
import { realClock } from "../../kit/fake-homeserver-world.ts";

async function found(mock: SignalMock) {
  const findings = [];
  for await (const link of examineSignal(signalSection.parse(mock.section), { clock: realClock, logins: [] }))
    findings.push(...link.findings);
  return findings;
}

test("a server that takes connections, and its hosts of files, are in order", async () => {
  await using mock = await SignalMock.start();
  expect(await found(mock)).toEqual([
    { kind: "good", what: expect.stringMatching(/^https:\/\/localhost:\d+ \(a server of your own\) takes/) },
    { kind: "good", what: `https://localhost:${mock.port} answers` },
    { kind: "untried", what: expect.stringMatching(/^0 accounts are linked/) },
  ]);
});

test("one that is away is told with what to do, as are its hosts of files", async () => {
  const mock = await SignalMock.start();
  await mock[Symbol.asyncDispose]();
  expect(await found(mock)).toEqual([
    expect.objectContaining({ kind: "bad", path: ["networks", "signal", "server"] }),
    {
      kind: "bad",
      path: ["networks", "signal", "server"],
      what: `https://localhost:${mock.port} cannot be reached, or does not prove itself by its certificate (ECONNREFUSED). Files, or contacts' names, cannot cross.`,
      cure: "Check that this machine reaches that address, without a proxy that opens encrypted connections.",
    },
  ]);
});
