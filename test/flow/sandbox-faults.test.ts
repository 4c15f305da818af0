import { describe, expect, test } from "@jest/globals";
import { child, children, type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import { ChatClient } from "../kit/chat-client.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const ana = "@ana:example.org";
const isMessage = ({ tag }: Node): boolean => tag === "message";

/** Lets everything sent before be handled: an answered ping follows it. */
async function settled(chat: ChatClient): Promise<void> {
  await chat.ask("urn:xmpp:ping", "get", []);
}

describe("ordered faults", () => {
  test("drop and duplicate, with after and count, towards the bridge", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { user, chat } = await world.user(ana);
    await world.client.fault({
      fault: "drop",
      direction: "to_bridge",
      stanza: "message",
      after: 1,
      count: 1,
    });
    await world.client.fault({
      fault: "duplicate",
      stanza: "message",
      direction: "to_bridge",
      after: 2,
      person: bram.id,
    });
    for (const id of ["A", "B", "C"]) await bram.says(ana, id, { id });
    await settled(chat);
    const ids = (of: ChatClient) => of.stanzas.filter(isMessage).map(({ attrs }) => attrs["id"]);
    expect(ids(chat)).toEqual(["A", "C", "C"]);
    await world.client.clearFaults();
    await chat[Symbol.asyncDispose]();
    await using next = await ChatClient.connect(world.party, user.login);
    await next.seen(({ tag }) => tag === "ib");
    expect(ids(next)).toEqual(["B"]);
    expect(await world.client.violations()).toEqual([]);
  });

  test("a delay keeps the order, reorder changes it", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { chat } = await world.user(ana);
    const ids = () => chat.stanzas.filter(isMessage).map(({ attrs }) => attrs["id"]);
    await world.client.fault({
      fault: "delay",
      direction: "to_bridge",
      stanza: "message",
      count: 1,
      ms: 200,
    });
    const second = chat.next(({ attrs }) => attrs["id"] === "B");
    await bram.says(ana, "a", { id: "A" });
    await bram.says(ana, "b", { id: "B" });
    await second;
    expect(ids()).toEqual(["A", "B"]);
    await world.client.fault({ fault: "reorder", direction: "to_bridge", stanza: "message", count: 1 });
    const first = chat.next(({ attrs }) => attrs["id"] === "C");
    await bram.says(ana, "c", { id: "C" });
    await bram.says(ana, "d", { id: "D" });
    await first;
    expect(ids()).toEqual(["A", "B", "D", "C"]);
    await chat[Symbol.asyncDispose]();
  });

  test("disconnect at a frame, failure and rejected handshakes", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { user, chat } = await world.user(ana);
    await world.client.fault({ fault: "disconnect", stanza: "message", count: 1, user: ana });
    await bram.says(ana, "x");
    await chat.closed;
    await world.client.fault({ fault: "failure", count: 1 });
    const failed = await ChatClient.connect(world.party, user.login);
    expect(failed.stanzas[0]?.attrs["reason"]).toBe("503");
    await world.client.fault({ fault: "reject-handshake", count: 1 });
    const rejected = await ChatClient.connect(world.party, user.login);
    await rejected.closed;
    expect(rejected.stanzas).toEqual([]);
    await using back = await ChatClient.connect(world.party, user.login);
    expect(await user.opens(await back.seen(isMessage))).toEqual({ kind: "text", text: "x" });
  });

  test("retry-receipt, prekeys-exhausted and throttle", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { user, chat } = await world.user(ana);
    await world.client.fault({ fault: "prekeys-exhausted", count: 1 });
    const fetched = await chat.ask("encrypt", "get", [node("key", {}, [node("user", { jid: bram.jid })])]);
    const list = child(fetched, "list");
    const bundle = list && children(list, "user")[0];
    expect(bundle && child(bundle, "key")).toBeUndefined();
    expect(bundle && child(bundle, "kyber")).toBeDefined();
    await user.startSession(chat, bram.jid);
    await world.client.fault({ fault: "throttle", stanza: "message", count: 1 });
    expect((await user.writes(chat, bram.jid, "M0", "snel")).attrs["error"]).toBe("429");
    await world.client.fault({ fault: "retry-receipt", person: bram.jid, count: 1 });
    const retry = chat.next(({ attrs }) => attrs["type"] === "retry");
    await user.writes(chat, bram.jid, "M1", "hoi");
    const asked = child(await retry, "retry");
    expect(asked?.attrs).toMatchObject({ count: "1", id: "M1" });
    await chat[Symbol.asyncDispose]();
  });

  test("an order that can hit does, by whichever name and place it says", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { user, chat } = await world.user(ana);
    await user.startSession(chat, bram.jid);
    const { accountId, jid } = user.login;
    let written = 0;
    for (const name of [ana, accountId, jid]) {
      await world.client.fault({
        fault: "throttle",
        direction: "from_bridge",
        stanza: "message",
        user: name,
      });
      written += 1;
      expect((await user.writes(chat, bram.jid, `T${written}`, "x")).attrs["error"]).toBe("429");
      await world.client.clearFaults();
      await world.client.fault({ fault: "throttle", stanza: "iq", user: name });
      expect((await chat.ask("urn:xmpp:ping", "get", [])).attrs["type"]).toBe("error");
      await world.client.clearFaults();
      await world.client.fault({ fault: "retry-receipt", stanza: "message", user: name });
      const asked = chat.next(({ tag, attrs }) => tag === "receipt" && attrs["type"] === "retry");
      await user.writes(chat, bram.jid, `R${written}`, "x");
      await asked;
      await world.client.clearFaults();
    }
    await world.client.fault({ fault: "reject-handshake", direction: "from_bridge", user: accountId });
    const rejected = await ChatClient.connect(world.party, user.login);
    await rejected.closed;
    expect(rejected.stanzas).toEqual([]);
    await world.client.clearFaults();
    await world.client.fault({ fault: "throttle", stanza: "enlist", user: "@bo:example.org", count: 1 });
    const enlist = (sub: string) => world.party.enlist(world.network("whatsapp"), sub);
    await enlist("@cas:example.org");
    await expect(enlist("@bo:example.org")).rejects.toBeDefined();
    await enlist("@bo:example.org");
    await chat[Symbol.asyncDispose]();
  });

  test.each([
    { fault: "retry-receipt", direction: "to_bridge" },
    { fault: "reject-handshake", person: "wa-1" },
    { fault: "prekeys-exhausted", direction: "from_bridge", stanza: "message" },
    { fault: "throttle", stanza: "iq", person: "wa-1" },
    { fault: "media-down", user: ana },
    { fault: "http-error", stanza: "media", user: ana },
    { fault: "drop", stanza: "mesage" },
    { fault: "drop", stanza: "presence", direction: "to_bridge" },
    { fault: "media-down", ms: 5 },
  ])("an order that can never hit is refused: %j", async (order) => {
    await using world = await SandboxWorld.start();
    await expect(world.client.call("POST", "/faults", order)).rejects.toMatchObject({
      status: 400,
      code: "never-hits",
    });
  });

  test("orders are listed, counted and taken back; a wrong one is refused", async () => {
    await using world = await SandboxWorld.start();
    const id = await world.client.fault({ fault: "media-down", network: "whatsapp", count: 2 });
    const faults = () => world.client.call<{ faults: unknown[] }>("GET", "/faults");
    expect((await faults()).faults).toEqual([
      { id, fault: "media-down", network: "whatsapp", count: 2, seen: 0, used: 0 },
    ]);
    await world.client.call("DELETE", `/faults/${id}`);
    expect((await faults()).faults).toEqual([]);
    await expect(world.client.call("DELETE", `/faults/${id}`)).rejects.toMatchObject({ status: 404 });
    for (const wrong of [
      { fault: "earthquake" },
      { fault: "drop", often: true },
      { fault: "drop", count: 0 },
      [],
    ]) {
      await expect(world.client.call("POST", "/faults", wrong)).rejects.toMatchObject({ status: 400 });
    }
  });
});
