import { test } from "@jest/globals";
import { type Fault, htmlPage, serverError } from "../kit/faulty-proxy.ts";
import { onSynapse } from "../kit/on-synapse.ts";
import { carryThrough } from "../kit/traffic.ts";

const here = onSynapse({ secrets: [], proxied: true });

const faults: readonly (readonly [string, Fault])[] = [
  ["500", serverError(500)],
  ["502", serverError(502)],
  ["an HTML page", htmlPage],
  ["lost answers", { kind: "lose-answer" }],
  ["cut connections", { kind: "cut" }],
];

test("200 messages each way arrive once and in order while the homeserver answers 500, 502, an HTML page, nothing, and cuts every connection, and each time all goes on", async () => {
  const { proxy } = here.world;
  if (proxy === undefined) throw new Error("a world without a proxy");
  const ana = await here.world.person("Ana");
  const [whatsapp, messenger, watcher] = await Promise.all([
    here.world.contact("whatsapp", "Finn de Wit"),
    here.world.contact("messenger", "Finn Zwart"),
    here.world.contact("whatsapp", "Wies Wacht"),
  ]);
  const seconds = 120;
  const crosses = async (text: string): Promise<void> => {
    const shown = ana.client.next(text, ({ content }) => content["body"] === text, seconds);
    await watcher.saysUntilTaken(ana.userId, text);
    const { roomId } = await shown;
    await ana.client.sayUntilTaken(roomId, `answer to ${text}`);
    await watcher.hears(`answer to ${text}`, { seconds });
  };
  await carryThrough(here.world, ana, [whatsapp, messenger], 200, async (moment) => {
    for (const [index, [name, fault]] of faults.entries()) {
      await moment((index + 0.5) / faults.length);
      proxy.breaks(fault);
      // More than one try of each kind of request: the pushes, the audit, and the sends of several chats.
      await proxy.faults(20);
      proxy.heals();
      await crosses(`after ${name}`);
    }
  });
});
