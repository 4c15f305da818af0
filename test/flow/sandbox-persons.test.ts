import { describe, expect, test } from "@jest/globals";
import { child, children, type Node, node } from "../../src/networks/meta-interop/wire/node.ts";
import { rawKey } from "../../src/sandbox/phone/signal-bundle.ts";
import { keyNodes, readBundle, readUint, registrationNode } from "../../src/sandbox/state/bundle-stanza.ts";
import { SandboxWorld } from "../kit/sandbox-world.ts";

const ana = "@ana:example.org";
const isMessage = ({ tag }: Node): boolean => tag === "message";
const isRetry = ({ tag, attrs }: Node): boolean => tag === "receipt" && attrs["type"] === "retry";
const news = (tag: string) => (stanza: Node) =>
  stanza.tag === "notification" && child(stanza, tag) !== undefined;

describe("a scripted person", () => {
  test("asks again for what they cannot decrypt, and shows it once it is readable", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { user, chat } = await world.user(ana);
    await user.startSession(chat, bram.jid);
    await user.writes(chat, bram.jid, "M1", "before");
    await bram.does("reinstalls");
    const asked = chat.next(isRetry);
    await user.writes(chat, bram.jid, "M2", "after");
    const retry = await asked;
    expect(await bram.shows(({ kind }) => kind === "undecryptable")).toMatchObject({ id: "M2" });
    const keys = child(retry, "keys");
    const bundle = keys && readBundle(keys, readUint(child(retry, "registration"), 4) ?? 0);
    expect(bundle).toBeDefined();
    if (bundle !== undefined) await user.useBundle(bram.jid, bundle);
    await user.writes(chat, bram.jid, "M2", "after");
    expect((await bram.hears("after")).repeat).toBeUndefined();
    expect(await world.client.violations()).toEqual([]);
    await chat[Symbol.asyncDispose]();
  });

  test("answers a retry receipt with the same text under the same id in a new session", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "messenger", name: "Bram" });
    const { user, chat } = await world.user(ana, "messenger");
    const first = chat.next(isMessage);
    const id = await bram.says(ana, "eerst");
    const lost = await first;
    const again = chat.next(isMessage);
    const { device } = user;
    const fresh = device.more(1);
    const [ec, kyber] = fresh;
    const signed = device.upload.find(({ kind }) => kind === "signed");
    if (ec === undefined || kyber === undefined || signed === undefined) throw new Error("no keys");
    const identity = rawKey(device.pair.publicKey);
    const bundle = { identity, ec: ec.public, kyber: kyber.public, signed: signed.public };
    const retry = node("retry", { count: "1", id, t: lost.attrs["t"], v: "1" });
    const content = [retry, registrationNode(device.registration), node("keys", {}, keyNodes(bundle))];
    chat.send(node("receipt", { id, to: bram.jid, type: "retry" }, content));
    const stanza = await again;
    expect(stanza.attrs["id"]).toBe(id);
    expect(stanza.attrs["sts"]).toBe(lost.attrs["sts"]);
    expect(await user.opens(stanza)).toEqual({ kind: "text", text: "eerst" });
    expect(await world.client.violations()).toEqual([]);
    await chat[Symbol.asyncDispose]();
  });

  test("drops what they have, and says so", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { user, chat } = await world.user(ana);
    await user.startSession(chat, bram.jid);
    const stanza = await user.seal(bram.jid, "M1", { kind: "text", text: "eens" });
    await user.sends(chat, stanza);
    await user.sends(chat, stanza);
    await user.writes(chat, bram.jid, "M1", "eens");
    const { items } = await bram.inbox();
    expect(items.map(({ id, text, repeat }) => [id, text, repeat])).toEqual([
      ["M1", "eens", undefined],
      ["M1", "eens", true],
      ["M1", "eens", true],
    ]);
    await chat[Symbol.asyncDispose]();
  });

  test("whose phone is off gets everything in order when it is on again", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { user, chat } = await world.user(ana);
    await user.startSession(chat, bram.jid);
    await bram.does("goesOffline");
    for (const [i, text] of ["a", "b", "c"].entries()) await user.writes(chat, bram.jid, `M${i}`, text);
    expect((await bram.inbox()).items).toEqual([]);
    const delivered = chat.next(({ tag, attrs }) => tag === "receipt" && attrs["id"] === "M2");
    await bram.does("comesOnline");
    await delivered;
    expect((await bram.inbox()).items.map(({ text }) => text)).toEqual(["a", "b", "c"]);
    await chat[Symbol.asyncDispose]();
  });

  test("is looked up, and those who know them hear what changes", async () => {
    await using world = await SandboxWorld.start();
    const phone = "+31611111111";
    const bram = await world.client.person({ network: "whatsapp", name: "Bram", phone, optedIn: false });
    const { chat } = await world.user(ana);
    const look = async (external_id: string): Promise<Node | undefined> => {
      const answer = await chat.ask("w:interop", "get", [node("users", {}, [node("user", { external_id })])]);
      const users = child(answer, "users");
      return users && children(users, "user")[0];
    };
    expect((await look("31 6 1111 1111"))?.attrs).toMatchObject({
      jid: bram.jid,
      reachable: "false",
      reason: "off",
    });
    const unknown = await look("+31699999999");
    expect(unknown && child(unknown, "error")?.attrs["code"]).toBe("404");

    // Nobody has a picture at first, and whoever knows them hears of one.
    const before = await look(phone);
    expect(before && child(before, "picture")?.attrs).toEqual({});
    const pictured = chat.next(news("profile"));
    await bram.does("setsPicture", { drawn: "hills" });
    const profile = child(await pictured, "profile");
    const picture = profile && child(profile, "picture")?.attrs;
    expect(picture).toMatchObject({ direct_path: expect.any(String), length: expect.any(String) });
    const after = await look(phone);
    expect(after && child(after, "picture")?.attrs).toEqual(picture);
    await expect(bram.does("setsPicture", { media: "aGVsbG8=" })).rejects.toMatchObject({ status: 400 });

    const steps = [
      ["opt_in", "turnsOn", {}],
      ["opt_out", "choosesApps", { apps: [13] }],
      ["opt_in", "choosesApps", { apps: [12, 13] }],
      ["profile", "renames", { name: "Bram B." }],
      ["blocked", "blocks", { to: ana }],
      ["unblocked", "unblocks", { to: ana }],
      ["opt_out", "leaves", {}],
    ] as const;
    for (const [tag, verb, fields] of steps) {
      const told = chat.next(news(tag));
      await bram.does(verb, fields);
      expect(child(await told, tag)?.attrs["jid"]).toBe(bram.jid);
    }
    const gone = await look(phone);
    expect(gone && child(gone, "error")?.attrs["code"]).toBe("404");
    await expect(bram.says(ana, "x")).rejects.toMatchObject({ status: 409, code: "gone" });
    await chat[Symbol.asyncDispose]();
  });

  test("who blocked somebody gets nothing, and the sender learns it from the notification only", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { user, chat } = await world.user(ana);
    await user.startSession(chat, bram.jid);
    await bram.does("blocks", { to: ana });
    const ack = await user.writes(chat, bram.jid, "M1", "hallo?");
    expect(ack.attrs["error"]).toBeUndefined();
    expect((await bram.inbox()).items).toEqual([]);
    await expect(bram.says(ana, "x")).rejects.toMatchObject({ code: "blocked" });
    await chat[Symbol.asyncDispose]();
  });

  test("types, and sees others type", async () => {
    await using world = await SandboxWorld.start();
    const bram = await world.client.person({ network: "whatsapp", name: "Bram" });
    const { chat } = await world.user(ana);
    const typing = chat.next(({ tag }) => tag === "chatstate");
    await bram.does("types", { to: ana, on: true, voice: true });
    const state = child(await typing, "composing");
    expect(state?.attrs).toEqual({ media: "audio" });
    const shown = bram.shows(({ kind }) => kind === "typing");
    chat.send(node("chatstate", { to: bram.jid }, [node("composing")]));
    expect(await shown).toMatchObject({ on: true, from: ana });
    await chat[Symbol.asyncDispose]();
  });
});

test("a number moves with its owner, and is free again when somebody leaves", async () => {
  await using world = await SandboxWorld.start();
  const phone = "+31611111111";
  const bram = await world.client.person({ network: "whatsapp", name: "Bram", phone });
  const { user, chat } = await world.user(ana);
  await bram.says(ana, "hoi");
  const told = chat.next(news("opt_out"));
  await bram.does("changesPhone", { phone: "+31622222222" });
  expect(child(await told, "opt_out")?.attrs["jid"]).toBe("31611111111@s.whatsapp.net");
  const arrives = chat.next(
    ({ tag, attrs }) => tag === "message" && attrs["from"] === "31622222222@s.whatsapp.net",
  );
  await bram.says(ana, "nieuw nummer");
  expect(await user.opens(await arrives)).toEqual({ kind: "text", text: "nieuw nummer" });

  await bram.does("leaves");
  const cas = await world.client.person({ network: "whatsapp", name: "Cas", phone: "+31622222222" });
  expect(cas.jid).toBe("31622222222@s.whatsapp.net");
  await user.startSession(chat, cas.jid);
  await user.writes(chat, cas.jid, "M2", "dag Cas");
  expect(await cas.hears("dag Cas")).toMatchObject({ id: "M2" });
  await chat[Symbol.asyncDispose]();
});
