import { flushCompileCache } from "node:module";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { ChatId, LoginId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import { readAccount } from "../../src/networks/signal/account.ts";
import { signalSection } from "../../src/networks/signal/config.ts";
import { SignalNetwork } from "../../src/networks/signal/connector.ts";
import { isGroupChat, messageIdOf, personOf } from "../../src/networks/signal/ids.ts";
import { openStore } from "../../src/store/open.ts";
import { memoryTools } from "../kit/memory-tools.ts";
import { RecordingSink } from "../kit/recording-sink.ts";

/**
 * A bridge's Signal connections over a store on disk: waits for a line, then connects, takes what comes, and sends each
 * login's numbered messages to its chat one after another, until it is killed; a group it also gives another name now and
 * then. Says "up", and "sealed" and "sent" of
 * each message. It goes on where the one before it was killed.
 */
const [path = "", sectionJson = "", loginsJson = "", startText = ""] = process.argv.slice(2);
const start = Number(startText);
/** A group gets another name before each of so many messages. */
const RENAMED = 3;
const talks = z.array(z.object({ login: z.string(), chat: z.string() })).parse(JSON.parse(loginsJson));
const log = { error() {}, warn() {}, info() {}, debug() {} };
const lines = createInterface(process.stdin);
// A process that is killed writes none at its end.
flushCompileCache();

await new Promise<void>((resolve) => lines.once("line", () => resolve()));

const store = openStore({ path, log });
const network = new SignalNetwork({
  section: signalSection.parse(JSON.parse(sectionJson)),
  store,
  clock: {
    now: () => Date.now(),
    after(ms, act) {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
  },
  random: { uuid: () => crypto.randomUUID() },
  tools: memoryTools,
  log,
  stopping: new AbortController().signal,
});

async function connect({ login: id, chat }: (typeof talks)[number]) {
  const login = await store.logins.get(id as LoginId);
  if (!login) throw new Error("no such login");
  const sink = new RecordingSink(store, login.id);
  const client = network.connect(login, sink);
  await client.connected(AbortSignal.timeout(20_000));
  return { login, sink, client, chat: chat as ChatId };
}

async function talk({ login, sink, client, chat }: Awaited<ReturnType<typeof connect>>): Promise<never> {
  const author = personOf(readAccount(login.account).aci);
  if (author === undefined) throw new Error("an account without an id");
  const open = (): Promise<never> => Promise.reject(new Error("no file was sent"));
  for (;;) {
    const next = Number((await store.records.get("chaos", login.id)) ?? 0);
    const id = messageIdOf({ author, timestamp: start + next });
    const body = plainText(`out ${next}`);
    const message = { parts: [{ kind: "text" as const, style: "text" as const, body }] };
    const journal = sink.journal(id);
    const seal: typeof journal.seal = async (...work) => {
      await journal.seal(...work);
      process.stdout.write("sealed\n");
    };
    try {
      if (isGroupChat(chat) && next % RENAMED === 0) {
        const change = { kind: "name", name: `group ${next}` } as const;
        const renaming = messageIdOf({ author, timestamp: start + 1_000_000 + next });
        const outgoing = { kind: "group-change", change } as const;
        await client.send({ chat, id: renaming, outgoing, open }, sink.journal(renaming));
      }
      await client.send({ chat, id, outgoing: { kind: "message", message }, open }, { ...journal, seal });
      process.stdout.write("sent\n");
      await store.write((tx) => tx.records.set("chaos", login.id, String(next + 1)));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const connected = await Promise.all(talks.map(connect));
process.stdout.write("up\n");
await Promise.all(connected.map(talk));
