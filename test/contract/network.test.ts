import type { LoginId } from "../../src/core/ids.ts";
import { InteropWorld } from "../kit/interop-world.ts";
import { RecordingSink } from "../kit/recording-sink.ts";
import { type NetworkStage, networkContract } from "./network-suite.ts";

const people = {
  whatsapp: {
    contact: { name: "Wim", phone: "+31612345678" },
    other: { name: "Off", phone: "+31687654321" },
  },
  messenger: { contact: { name: "Mara", username: "mara.m" }, other: { name: "Off", username: "off.line" } },
} as const;
const nobody = { whatsapp: "+31600000000", messenger: "nobody.here" } as const;

async function stage(network: "whatsapp" | "messenger"): Promise<NetworkStage> {
  const world = await InteropWorld.start();
  const { contact, other } = people[network];
  const phone = await world.control.addContact({ network, apps: [12], optedIn: true, ...contact });
  const away = await world.control.addContact({ network, apps: [], optedIn: true, ...other });
  return {
    network: world.network(network),
    store: world.store,
    contact: {
      name: contact.name,
      query: phone.externalId,
      async says(to, text, id) {
        await phone.says(to, text, id);
      },
      async shows(count) {
        for (let next = 0; ; ) {
          const { items } = await phone.inbox(0);
          const texts = items.flatMap(({ kind, text, repeat }) =>
            kind === "text" && !repeat && text ? [text] : [],
          );
          if (texts.length >= count) return texts;
          next = (await phone.inbox(Math.max(next, items.at(-1)?.seq ?? 0), 10_000)).next;
        }
      },
    },
    unreachable: away.externalId,
    nobody: nobody[network],
    sink: (login: LoginId) => new RecordingSink(world.store, login),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

networkContract("WhatsApp over the sandbox", () => stage("whatsapp"));
networkContract("Messenger over the sandbox", () => stage("messenger"));
