import { expect, test } from "@jest/globals";
import { killInGroup } from "../kit/group-traffic.ts";
import { onSynapse } from "../kit/on-synapse.ts";

const on = onSynapse({ secrets: [] });

test("killed with -9 in a group of eight whose members change, nothing is lost, nothing twice, in order", async () => {
  await on.world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
  const ana = await on.world.person("Ana", ["whatsapp"]);
  await killInGroup(on.world, ana, { size: 8, each: 15, kills: 2 });
  expect(on.world.leaked(["Member 1 of 8"])).toEqual([]);
});
