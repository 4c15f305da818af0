import { beforeAll, describe, expect, test } from "@jest/globals";
import { type Fault, htmlPage, serverError } from "../kit/faulty-proxy.ts";
import { onSynapse } from "../kit/on-synapse.ts";
import { carryThrough } from "../kit/traffic.ts";
import type { TestPerson } from "../kit/world.ts";

describe("messages each way, nothing lost, nothing twice, in order, when", () => {
  const here = onSynapse({ secrets: [], proxied: true });
  let ana: TestPerson;

  beforeAll(async () => {
    ana = await here.world.person("Ana");
  });

  const twoContacts = (name: string) =>
    Promise.all([
      here.world.contact("whatsapp", `${name} de Wit`),
      here.world.contact("messenger", `${name} Zwart`),
    ]);

  const faults: readonly (readonly [string, Fault])[] = [
    ["answers 500", serverError(500)],
    ["answers 502", serverError(502)],
    ["answers with an HTML page", htmlPage],
    ["takes requests and loses its answers", { kind: "lose-answer" }],
    ["cuts every connection", { kind: "cut" }],
  ];
  test.each(faults)("the homeserver %s for a while", async (name, fault) => {
    const phones = await twoContacts(`Finn ${name}`);
    await carryThrough(here.world, ana, phones, 60, async (moment) => {
      await moment(0.3);
      here.world.proxy?.breaks(fault);
      // More than one try of each kind of request: the pushes, the audit, and the sends of several chats.
      await here.world.proxy?.faults(20);
      here.world.proxy?.heals();
    });
    expect(here.world.proxy?.faulted).toBeGreaterThan(0);
  });
});
