import type { LoginId, MessageId, PersonId } from "../../../src/core/model/ids.ts";
import { signalSection } from "../../../src/networks/signal/config.ts";
import { SignalNetwork } from "../../../src/networks/signal/connector.ts";
import { chatWith, messageIdOf, personOf } from "../../../src/networks/signal/ids.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import { openStore } from "../../../src/store/open.ts";
import { type Person, textOf } from "../../../tools/signal-mock/person.ts";
import { SignalMock } from "../../../tools/signal-mock/signal-mock.ts";
import { MUTED_UNTIL } from "../../contract/network-own-messages.ts";
import type { NetworkStage } from "../../contract/network-suite.ts";
import { portal } from "../../contract/store-fixtures.ts";
import { eventually } from "../eventually.ts";
import { LogLines, realClock } from "../fake-homeserver-world.ts";
import { MediaWorkshop } from "../media-workshop.ts";
import { RecordingSink } from "../recording-sink.ts";
import { mockGroups } from "./contract-groups.ts";

/** Signal's mock server with our person's phone, a contact who has a username, and one whose account was closed. */
export async function signalContractStage(): Promise<NetworkStage> {
  const stack = new AsyncDisposableStack();
  const mock = stack.use(await SignalMock.start());
  const [own, wim, off] = [await mock.person("Ana"), await mock.person("Wim"), await mock.person("Off")];
  const cas = await mock.person("Cas");
  await wim.takesUsername("wim.01");
  await own.stores(wim, {});
  await own.stores(off, {});
  mock.server.unregister(off.phone);
  const log = new LogLines();
  const store = openStore({ path: ":memory:", log });
  const stopping = new AbortController();
  stack.defer(() => stopping.abort());
  const network = new SignalNetwork({
    section: signalSection.parse(mock.section),
    store,
    clock: realClock,
    random: { uuid: () => crypto.randomUUID() },
    tools: stack.use(await MediaWorkshop.open()).tools,
    log,
    stopping: stopping.signal,
  });
  const times = new MessageTimes();
  return {
    network,
    store,
    contact: {
      name: wim.name,
      query: "wim.01",
      async says(_to, text, id) {
        await wim.says(own, text, { timestamp: times.of(id) });
      },
      async shows(count) {
        const isThere = () => shownTexts(wim).length >= count;
        if (!isThere()) await wim.journal.find(`${count} texts`, isThere);
        return shownTexts(wim);
      },
    },
    // What becomes of the device is the test's to see.
    uses: ({ what }) => void (what.kind === "qr" && own.scans(what.data).catch(() => undefined)),
    device: {
      async says(text, id) {
        await own.writesFromPhone(wim, text, { timestamp: times.of(id) });
      },
      async marks() {
        // What is stored of somebody concerns a chat only where there is one.
        const key = { login: "login-a" as LoginId, chat: chatWith(personWho(wim)) };
        await store.write((tx) => tx.portals.add(portal({ ...key, person: personWho(wim) })));
        await own.stores(wim, { mutedUntilTimestamp: BigInt(MUTED_UNTIL), markedUnread: true });
      },
    },
    settles: (client, login) =>
      eventually("the contact's profile", async () => {
        await client.avatarOf?.(personWho(wim));
        const known = await store.family(signalFamily).recipient(login.id, personWho(wim));
        return known?.profile?.name === wim.name;
      }),
    idOf: (called, by) => messageId(by === "us" ? own : wim, times.of(called)),
    groups: mockGroups({ mock, own, wim, cas, store, timeOf: (called) => times.of(called) }),
    unreachable: off.number,
    unreachableAs: "reachable",
    nobody: "nobody.99",
    sink: (login: LoginId) => new RecordingSink(store, login),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A time for each message that a test calls by a name. */
class MessageTimes {
  readonly #times = new Map<string, number>();
  #last = 0;

  of(called: string): number {
    const time = this.#times.get(called) ?? Math.max(Date.now(), this.#last + 1);
    this.#last = Math.max(this.#last, time);
    this.#times.set(called, time);
    return time;
  }
}

function personWho({ aci }: Person): PersonId {
  const person = personOf(aci);
  if (person === undefined) throw new Error("an account without an id");
  return person;
}

const messageId = (person: Person, timestamp: number): MessageId =>
  messageIdOf({ author: personWho(person), timestamp });

/** The texts on a phone, which shows a message once however often it comes. */
function shownTexts({ journal, aci }: Person): readonly string[] {
  const texts = new Map<string, string>();
  for (const heard of journal.entries) {
    const text = textOf(heard);
    const sent = heard.content?.content?.dataMessage?.timestamp;
    const name = `${heard.from} ${sent}`;
    if (text !== undefined && heard.from !== aci && !texts.has(name)) texts.set(name, text);
  }
  return [...texts.values()];
}
