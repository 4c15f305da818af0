import { expect, jest, test } from "@jest/globals";
import { decodeJwt } from "jose";
import type { Node } from "../../src/networks/meta-interop/wire/node.ts";
import { ChatClient } from "../kit/chat-client.ts";
import { EncryptedUser } from "../kit/encrypted-user.ts";
import { SandboxProcess } from "../kit/sandbox-process.ts";
import { ThirdParty } from "../kit/third-party.ts";

jest.setTimeout(60_000);
const ana = "@ana:example.org";
const isMessage = ({ tag }: Node): boolean => tag === "message";

test("kill -9 loses nothing: people, keys, sessions, queues, inboxes, faults", async () => {
  await using party = await ThirdParty.start();
  await using sandbox = await SandboxProcess.start(party.iss);
  const bram = await sandbox.client.person({ network: "whatsapp", name: "Bram", phone: "+31612345678" });
  const login = await party.enlist(sandbox.network("whatsapp"), ana);
  const user = new EncryptedUser(login);
  const first = await ChatClient.connect(party, login);
  await user.upload(first);
  await user.startSession(first, bram.jid);
  await user.writes(first, bram.jid, "M1", "before");
  first.autoAck = false;
  const [one] = await Promise.all([first.next(isMessage), bram.says(ana, "one")]);
  expect(await user.opens(one)).toEqual({ kind: "text", text: "one" });
  const fault = await sandbox.client.fault({ fault: "drop", stanza: "call", count: 3 });
  const root = sandbox.network("whatsapp").root_key;
  await sandbox.end("SIGKILL");

  await sandbox.start();
  expect(sandbox.network("whatsapp").root_key).toBe(root);
  const { items } = await bram.inbox();
  expect(items.map(({ text }) => text)).toEqual(["before"]);
  await bram.says(ana, "two");
  expect(await sandbox.client.call("GET", "/faults")).toMatchObject({ faults: [{ id: fault, count: 3 }] });
  await using second = await ChatClient.connect(party, login);
  await second.seen(({ tag }) => tag === "ib");
  const waiting = second.stanzas.filter(isMessage);
  expect(waiting).toHaveLength(2);
  // The first was opened before the kill; the ratchet of the second goes on from it.
  expect(waiting[0]?.attrs["id"]).toBe(one.attrs["id"]);
  const last = waiting[1];
  if (last === undefined) throw new Error("nothing waits");
  expect(await user.opens(last)).toEqual({ kind: "text", text: "two" });
  await user.writes(second, bram.jid, "M2", "after");
  expect((await bram.inbox()).items.map(({ text }) => text)).toEqual(["before", "after"]);
  expect(await sandbox.client.violations()).toEqual([]);
  expect(await sandbox.end("SIGTERM")).toBe(0);
});

test("who is away is called by a signed push without content", async () => {
  await using party = await ThirdParty.start();
  await using sandbox = await SandboxProcess.start(party.iss);
  const bram = await sandbox.client.person({ network: "messenger", name: "Bram" });
  const login = await party.enlist(sandbox.network("messenger"), ana);
  const user = new EncryptedUser(login);
  const chat = await ChatClient.connect(party, login);
  await user.upload(chat);
  await chat[Symbol.asyncDispose]();
  const called = party.pushed();
  await bram.says(ana, "secret");
  await called;
  const [push] = party.pushes;
  expect(JSON.parse(push?.body ?? "")).toEqual({ account_id: login.accountId, reason: "message" });
  const claims = decodeJwt((push?.authorization ?? "").replace("Bearer ", ""));
  expect(claims).toMatchObject({ iss: sandbox.network("messenger").base, aud: `${party.iss}/interop/push` });
});

test("200 messages each way across kills of the sandbox arrive once and in order", async () => {
  await using party = await ThirdParty.start();
  await using sandbox = await SandboxProcess.start(party.iss);
  const bram = await sandbox.client.person({ network: "whatsapp", name: "Bram" });
  const login = await party.enlist(sandbox.network("whatsapp"), ana);
  const user = new EncryptedUser(login);
  const setup = await ChatClient.connect(party, login);
  await user.upload(setup);
  await user.startSession(setup, bram.jid);
  await setup[Symbol.asyncDispose]();

  const heard = new Map<string, string>();
  const order = Array.from({ length: 200 }, (_, i) => `${i}`);
  let kept: Node[] = [];
  let said = 0;
  let written = 0;
  for (const kill of [60, 130, 200]) {
    const chat = await ChatClient.connect(party, login);
    const speaks = async (): Promise<void> => {
      for (; said < kill; said += 1) await bram.says(ana, `${said}`, { id: `B${said}` });
    };
    const writes = async (): Promise<void> => {
      for (; written < kill; written += 1) {
        const stanza =
          kept[written] ?? (await user.seal(bram.jid, `M${written}`, { kind: "text", text: `${written}` }));
        kept[written] = stanza;
        await user.sends(chat, stanza);
      }
    };
    await Promise.all([speaks(), writes()]);
    await chat.ask("urn:xmpp:ping", "get", []);
    for (const stanza of chat.stanzas.filter(isMessage)) {
      const id = stanza.attrs["id"] ?? "";
      if (heard.has(id)) continue;
      const plaintext = await user.opens(stanza);
      heard.set(id, plaintext.kind === "text" ? plaintext.text : plaintext.kind);
    }
    // Not acknowledged by a closed connection: the last ones come again after the kill.
    await sandbox.end("SIGKILL");
    await sandbox.start();
  }
  expect([...heard.values()]).toEqual(order);
  const { items } = await bram.inbox();
  const shown = items.filter(({ kind, repeat }) => kind === "text" && repeat !== true);
  expect(shown.map(({ text }) => text)).toEqual(order);
  expect(items.filter(({ kind }) => kind === "undecryptable")).toEqual([]);
  kept = [];
});
