import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { processorTime } from "../../tools/bench/machine.ts";
import { onSynapse } from "../kit/on-synapse.ts";

const SIZE = 1_000;

test("of 1,000 members, who wrote is there within 3 s, the rest joins beside messages that wait for nobody", async () => {
  const on = world;
  await on.world.control.call("POST", "/networks/whatsapp", { features: { groups: true } });
  const ana = await on.world.person("Ana", ["whatsapp"]);
  const maker = await on.world.contact("whatsapp", "Maker");
  const members = [ana.userId];
  while (members.length < SIZE - 1) {
    const some = Array.from({ length: 20 }, (_, at) => `Member ${members.length + at}`);
    const made = await Promise.all(some.map((name) => on.world.contact("whatsapp", name)));
    members.push(...made.map(({ externalId }) => externalId));
  }
  const id = await maker.does("createsGroup", {
    name: "Many",
    members: members.slice(0, SIZE - 1),
    id: "many",
  });
  const said = async (text: string): Promise<{ readonly ms: number; readonly roomId: string }> => {
    const from = performance.now();
    const shown = ana.client.next(text, ({ content }) => content["body"] === text, 60);
    await maker.says(id, text);
    const { roomId } = await shown;
    return { ms: performance.now() - from, roomId };
  };
  const opened = await said("hello");
  const { pid = 0 } = on.world.world.synapse;
  const [began, before] = [performance.now(), processorTime(pid)];
  const present = async (): Promise<number> => {
    const path = `v3/rooms/${encodeURIComponent(opened.roomId)}/joined_members`;
    return Object.keys(Object((await ana.client.call("GET", path))["joined"])).length;
  };
  const waits: number[] = [];
  let count = await present();
  const first = count;
  // The bot beside the members.
  while (count < SIZE + 1) {
    waits.push((await said(`beside ${waits.length}`)).ms);
    await pause(3_000);
    count = await present();
    if (performance.now() - began > 1_200_000) break;
  }
  const seconds = (performance.now() - began) / 1000;
  const share = (processorTime(pid) - before) / 1000 / seconds;
  const longest = Math.round(Math.max(...waits));
  process.stderr.write(
    `1,000 members: open after ${Math.round(opened.ms)} ms with ${first}; the rest in ${Math.round(seconds)} s, ${((count - first) / seconds).toFixed(1)} a second, Synapse at ${Math.round(share * 100)} % of a core; a message meanwhile took ${longest} ms at most\n`,
  );
  expect(count).toBe(SIZE + 1);
  expect(opened.ms).toBeLessThan(3_000);
  expect(longest).toBeLessThan(3_000);
}, 1_800_000);

const world = onSynapse({ secrets: [] });
