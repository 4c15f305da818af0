import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { eventually } from "../kit/eventually.ts";
import { OpenChat } from "../kit/open-chat.ts";
import { endQuietly } from "../kit/quiet-end.ts";
import { e2eTimeout, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

let world: TestWorld;

beforeAll(async () => {
  world = await TestWorld.start({ puppets: true });
});

afterAll(() => endQuietly(world, ["Dirk Dicht"]));

test("an account that Synapse's administrator deactivates is deleted at the network", async () => {
  const ana = await world.person("Ana", ["whatsapp"]);
  const viewer = await world.otherClient("ana");
  const chat = await OpenChat.begin({ world, person: ana, viewer, network: "whatsapp", name: "Dirk Dicht" });
  const admin = await world.admin();
  await admin.ask("POST", `v1/deactivate/${encodeURIComponent(ana.userId)}`, { erase: false });
  const { bridge } = world.world.files.logs;
  const said = (words: string) => (): boolean => readFileSync(bridge, "utf8").includes(words);
  await eventually("the bridge to notice", said("its registration at the network is taken back"), 30);
  await expect(chat.phone.says(ana.userId, "hello?")).rejects.toThrow("404");
});
