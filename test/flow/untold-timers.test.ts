import { expect, test } from "@jest/globals";
import { ANA } from "../kit/flow-world.ts";
import { FlowWithPhone } from "../kit/second-device.ts";
import { settle } from "../kit/virtual-clock.ts";

test("a timer that was set before there is a room is told in it, once, before the first message", async () => {
  await using it = await FlowWithPhone.begin("push");
  const { flow, phone } = it;
  await phone.does({ kind: "timer", seconds: 60 }, "t1", "Cees");
  await phone.does({ kind: "timer", seconds: 0 }, "t2", "Dora");
  for (const name of ["Cees", "Dora"]) {
    await flow.client.says(name, `${name}-1`, "hello");
    await flow.client.says(name, `${name}-2`, "again");
    await settle();
  }
  // Behind the question whether they may write.
  const shown = async (name: string) =>
    flow.world.homeserver.shown((await flow.world.portal(ANA, name)).room).slice(1);
  expect(await shown("Cees")).toEqual([
    "bot: Messages in this chat disappear 1 minute after they are read.",
    "Cees: hello",
    "Cees: again",
  ]);
  expect(await shown("Dora")).toEqual(["Dora: hello", "Dora: again"]);
});
