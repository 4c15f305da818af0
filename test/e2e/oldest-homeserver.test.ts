import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { DEVICE } from "../../src/matrix/homeserver/devices.ts";
import { OLDEST } from "../../tools/synapse/install.ts";
import { OpenChat } from "../kit/open-chat.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

/** `npm run test:homeservers` tries much more, on this version and others. */
let world: TestWorld;
let ana: TestPerson;
let chat: OpenChat;

beforeAll(async () => {
  world = await TestWorld.start({ synapse: OLDEST });
  ana = await world.person("Ana", ["whatsapp"]);
  const viewer = await world.otherClient("ana");
  chat = await OpenChat.begin({ world, person: ana, viewer, network: "whatsapp", name: "Wim Bezoeker" });
});

afterAll(async () => {
  const violations = await world.world.control.violations();
  await world[Symbol.asyncDispose]();
  expect(violations).toEqual({ violations: [] });
});

test("on the oldest Synapse that is supported text crosses both ways", async () => {
  await chat.stillWorks();
});

test("on it a ghost whose device is gone still speaks, once", async () => {
  await world.asBridge("DELETE", `v3/devices/${DEVICE}`, chat.ghost);
  await chat.does("says", { text: "without a device" });
  const { events } = await chat.stillWorks();
  expect(events.filter(({ content }) => content["body"] === "without a device")).toHaveLength(1);
});
