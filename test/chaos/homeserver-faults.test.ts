import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Fault, htmlPage, serverError } from "../kit/faulty-proxy.ts";
import { carryThrough } from "../kit/traffic.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

describe("messages each way, nothing lost, nothing twice, in order, when", () => {
  let world: TestWorld;
  let ana: TestPerson;

  beforeAll(async () => {
    world = await TestWorld.start({ proxied: true });
    ana = await world.person("Ana");
  }, e2eTimeout);

  afterAll(async () => {
    const violations = await world.world.control.violations();
    await world[Symbol.asyncDispose]();
    expect(violations).toEqual({ violations: [] });
  }, e2eTimeout);

  const twoContacts = (name: string) =>
    Promise.all([world.contact("whatsapp", `${name} de Wit`), world.contact("messenger", `${name} Zwart`)]);

  const faults: readonly (readonly [string, Fault])[] = [
    ["answers 500", serverError(500)],
    ["answers 502", serverError(502)],
    ["answers with an HTML page", htmlPage],
    ["takes requests and loses its answers", { kind: "lose-answer" }],
    ["cuts every connection", { kind: "cut" }],
  ];
  test.each(faults)(
    "the homeserver %s for a while",
    async (name, fault) => {
      const phones = await twoContacts(`Finn ${name}`);
      await carryThrough(world, ana, phones, 60, async (moment) => {
        await moment(0.3);
        world.proxy?.breaks(fault);
        // More than one try of each kind of request: the pushes, the audit, and the sends of several chats.
        await world.proxy?.faults(20);
        world.proxy?.heals();
      });
      expect(world.proxy?.faulted).toBeGreaterThan(0);
    },
    e2eTimeout,
  );
});
