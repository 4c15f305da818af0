import type { ChatId, LoginId, MessageId, PersonId, UserId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { openStore } from "../../src/store/open.ts";
import type { Json } from "../../tools/matrix/api.ts";
import type { Phone, PhoneItem, SandboxControl } from "../../tools/sandbox/control.ts";
import { LogLines, realClock } from "../kit/fake-homeserver-world.ts";
import { InteropWorld } from "../kit/interop-world.ts";
import { LinkedNetwork } from "../kit/linked-network.ts";
import { MemoryNetwork } from "../kit/memory-network.ts";
import type { MessageNaming } from "../kit/message-naming.ts";
import { RecordingSink } from "../kit/recording-sink.ts";
import { signalContractStage } from "../kit/signal/contract-stage.ts";
import type { StageGroups } from "./network-groups.ts";
import { MUTED_UNTIL } from "./network-own-messages.ts";
import { type NetworkStage, networkContract } from "./network-suite.ts";

const people = {
  whatsapp: {
    contact: { name: "Wim", phone: "+31612345678" },
    other: { name: "Off", phone: "+31687654321" },
    third: { name: "Cas", phone: "+31655555555" },
  },
  messenger: {
    contact: { name: "Mara", username: "mara.m" },
    other: { name: "Off", username: "off.line" },
    third: { name: "Cas", username: "cas.c" },
  },
} as const;
const nobody = { whatsapp: "+31600000000", messenger: "nobody.here" } as const;

async function stage(network: "whatsapp" | "messenger"): Promise<NetworkStage> {
  const world = await InteropWorld.start();
  const { contact, other, third } = people[network];
  const phone = await world.control.addContact({ network, apps: [12], optedIn: true, ...contact });
  const cas = await world.control.addContact({ network, apps: [12], optedIn: true, ...third });
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
    groups: sandboxGroups(world.control, network, phone, cas),
    unreachable: away.externalId,
    nobody: nobody[network],
    sink: (login: LoginId) => new RecordingSink(world.store, login),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** Groups that a contact makes with a third person and ours. */
function sandboxGroups(
  control: SandboxControl,
  network: "whatsapp" | "messenger",
  phone: Phone,
  third: Phone,
): StageGroups {
  const grants = async (on: boolean): Promise<void> => {
    await control.call("POST", `/networks/${network}`, { features: { groups: on } });
  };
  return {
    contact: phone.jid as PersonId,
    third: third.jid as PersonId,
    maker: "owner",
    grants,
    async begins(us, name) {
      await grants(true);
      await phone.does("createsGroup", { name, members: [us, third.externalId], id: "walks" });
      return "walks@g.us" as ChatId;
    },
    async says(chat, text, id) {
      await phone.says(chat, text, id);
    },
    async bothShow(chat, text) {
      const shows = (item: PhoneItem) => item.kind === "text" && item.chat === chat && item.text === text;
      await Promise.all([phone, third].map((one) => one.shows(text, shows)));
    },
    async breaches() {
      return (await control.call("GET", "/violations"))["violations"] as readonly unknown[];
    },
    async state(chat) {
      const { groups } = await control.call("GET", "/groups");
      const found = (groups as readonly Json[]).find(({ group }) => group === (chat as string));
      if (!found) throw new Error("no such group");
      return { name: String(found["name"]), members: (found["members"] as readonly unknown[]).length };
    },
  };
}

/** The network of flow tests. */
async function inMemory(
  naming: MessageNaming,
  network = new MemoryNetwork(realClock),
): Promise<NetworkStage> {
  network.naming = naming;
  network.copies = true;
  const store = openStore({ path: ":memory:", log: new LogLines() });
  network.store = store;
  const wim = { chat: "wim" as ChatId, person: "wim" as PersonId, name: "Wim" };
  const away = { chat: "off" as ChatId, person: "off" as PersonId, name: "Off" };
  network.contacts.set("+31612345678", { kind: "found", contact: { ...wim, reachability: "reachable" } });
  network.contacts.set("+31687654321", { kind: "found", contact: { ...away, reachability: "off" } });
  const client = () => network.clientOf("@ana:example.org" as UserId);
  return {
    network,
    store,
    contact: {
      name: wim.name,
      query: "+31612345678",
      async says(_to, text, id) {
        const said = { parts: [{ kind: "text", style: "text", body: plainText(text) }] } as const;
        const head = { chat: wim.chat, sender: wim.person, senderName: wim.name, at: Date.now() };
        const message = { ...head, kind: "message", id: id as MessageId, message: said } as const;
        // Whoever wrote does not hear that it could not be stored; it is brought again.
        await client()
          .brings(message)
          .catch(() => {});
      },
      async shows() {
        return Array.from(client().received.values());
      },
    },
    device: {
      async says(text, id) {
        const said = { parts: [{ kind: "text", style: "text", body: plainText(text) }] } as const;
        const head = { chat: wim.chat, sender: undefined, at: Date.now(), id: id as MessageId };
        await client().brings({ ...head, kind: "message", message: said });
      },
      async marks(id) {
        const head = { chat: wim.chat, sender: undefined, at: Date.now() };
        await client().brings(
          { ...head, id: `${id}-muted` as MessageId, kind: "muted", muted: true, until: MUTED_UNTIL },
          { ...head, id: `${id}-unread` as MessageId, kind: "marked-unread", unread: true },
        );
      },
    },
    unreachable: "+31687654321",
    nobody: "+31600000000",
    sink: (login) => new RecordingSink(store, login),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

networkContract("WhatsApp over the sandbox", () => stage("whatsapp"), { groups: "granted" });
networkContract("Messenger over the sandbox", () => stage("messenger"), { groups: "granted" });
for (const naming of ["by-row", "by-time", "by-network"] as const) {
  networkContract(
    `the one of flow tests, in memory, where messages are named ${naming}`,
    () => inMemory(naming),
    { otherDevices: true },
  );
}
networkContract("one that people link by a code, in memory", async () => {
  const network = new LinkedNetwork(realClock);
  return { ...(await inMemory("by-row", network)), uses: () => network.scan("+31611") };
});
networkContract("Signal over its mock server", signalContractStage, {
  otherDevices: true,
  copies: false,
  groups: "always",
});
