import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { BridgeError } from "../../src/core/model/errors.ts";
import type { ChatId, LoginId, MessageId, UserId } from "../../src/core/model/ids.ts";
import { plainText } from "../../src/core/model/rich-text.ts";
import type { DisplayStep } from "../../src/core/ports/login-flow.ts";
import type { Network, NetworkClient } from "../../src/core/ports/network.ts";
import type { Login } from "../../src/core/ports/rows.ts";
import type { Store } from "../../src/core/ports/store.ts";
import type { RecordingSink } from "../kit/recording-sink.ts";
import { firstStep, throughFlow } from "../kit/through-flow.ts";
import { networkGroups, type StageGroups } from "./network-groups.ts";
import { ownMessages } from "./network-own-messages.ts";

/** A contact on the network, whom a test can make write and whose phone it can read. */
const noFile = (): Promise<never> => Promise.reject(new Error("no file was sent"));

interface StageContact {
  readonly name: string;
  /** What a person types to find them. */
  readonly query: string;
  says(to: string, text: string, id: string): Promise<void>;
  /** Texts the phone shows, in order, once it shows so many. */
  shows(count: number): Promise<readonly string[]>;
}

/** A network with people on it, and a store as the bridge has one. */
export interface NetworkStage extends AsyncDisposable {
  readonly network: Network;
  readonly store: Store;
  readonly contact: StageContact;
  /** Uses what a flow shows, as on the person's phone. */
  readonly uses?: (shown: DisplayStep) => void;
  /** The id of a message that a test calls so, where the network's ids are not anybody's to choose. */
  readonly idOf?: (called: string, by: "us" | "contact") => MessageId;
  /** Resolves when the network knows of the contact what it asks for by itself, in its own time. */
  readonly settles?: (client: NetworkClient, login: Login) => Promise<void>;
  /** What our person does on another device of theirs, where the network has such. */
  readonly device?: {
    says(text: string, id: string): Promise<void>;
    /** Mutes the chat with the contact until MUTED_UNTIL, and marks it as unread. */
    marks(id: string): Promise<void>;
  };
  /** Where a test can have groups there. */
  readonly groups?: StageGroups;
  /** What a person types for somebody who is there and has not turned third-party chats on. */
  readonly unreachable: string;
  /** What finding them tells of that. `reachable` where the network learns it only when something is sent. */
  readonly unreachableAs?: "reachable";
  /** Well formed, and nobody's. */
  readonly nobody: string;
  sink(login: LoginId): RecordingSink;
}

interface NetworkTraits {
  /** Our person has other devices, and what they do there is told. */
  readonly otherDevices?: boolean;
  /** What we sent comes back to us, as to every device. */
  readonly copies?: boolean;
  /** The stage has groups, which the network grants, or always has. */
  readonly groups?: "granted" | "always";
}

const ana = "@ana:example.org" as UserId;

/** What the bridge may rely on, whatever the network. */
export function networkContract(
  name: string,
  start: () => Promise<NetworkStage>,
  { otherDevices = false, copies = otherDevices, groups }: NetworkTraits = {},
): void {
  describe(`the network port: ${name}`, () => {
    let stage: NetworkStage;
    let login: Login;
    let sink: RecordingSink;
    let client: NetworkClient;
    let chat: ChatId;

    beforeAll(async () => {
      stage = await start();
      login = await enlisted(stage, "login-a" as LoginId);
      await connect();
      await stage.settles?.(client, login);
      const found = await client.find(stage.contact.query);
      if (found.kind !== "found") throw new Error("the contact is not found");
      chat = found.contact.chat;
    }, 30_000);
    afterAll(async () => {
      await client[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    });

    const connect = async (): Promise<void> => {
      const before = sink;
      sink = stage.sink(login.id);
      for (const [id, bytes] of before?.sealed ?? []) sink.sealed.set(id, bytes);
      client = stage.network.connect(login, sink);
      await client.connected(AbortSignal.timeout(10_000));
    };
    test("says that a contact can be blocked where it blocks", () => {
      expect(client.capabilities(chat).blocks).toBe(client.setBlocked !== undefined);
    });

    const ours = (called: string): MessageId => stage.idOf?.(called, "us") ?? (called as MessageId);
    const send = (called: string, text: string, journal = sink.journal(ours(called))) => {
      const id = ours(called);
      const message = { parts: [{ kind: "text", style: "text", body: plainText(text) }] } as const;
      return client.send({ chat, id, outgoing: { kind: "message", message }, open: noFile }, journal);
    };

    test("says what people must know of it", async () => {
      const { id, name: shown, addressing, capabilities, noticeVersion } = stage.network;
      const notice = await firstStep(stage.network, { login: "login-c" as LoginId, user: ana });
      if (notice.kind !== "notice") throw new Error("the flow does not begin with a notice");
      expect(id).toMatch(/^[a-z]+$/);
      for (const text of [shown, addressing, ...notice.paragraphs]) expect(text).toMatch(/\S/);
      expect(notice.summary?.length ?? 1).toBeLessThanOrEqual(3);
      for (const line of notice.summary ?? ["."]) expect(line).toMatch(/\S/);
      expect(capabilities.text).toBeGreaterThan(0);
      expect(notice.version).toBe(noticeVersion);
      expect(notice.version).toBeGreaterThan(0);
      const said = stage.network.flows[0]?.notice;
      if (said) expect(notice).toMatchObject(said);
    });

    test("has ways in that are told apart by what one can type", () => {
      const { flows, settings } = stage.network;
      const ids = flows.map(({ id }) => id);
      expect(ids.length).toBeGreaterThan(0);
      expect(new Set(ids).size).toBe(ids.length);
      for (const word of [...ids, ...settings.map(({ name: setting }) => setting)])
        expect(word).toMatch(/^[a-z][a-z-]*$/);
      for (const text of flows.map(({ name: way }) => way)) expect(text).toMatch(/\S/);
    });

    test("asks who has it on for their yes to a newer notice, and makes no other login of that", async () => {
      const [flow] = stage.network.flows;
      const { signal } = new AbortController();
      const step = await flow?.begin({ login: "login-d" as LoginId, user: ana, again: true, signal });
      if (step?.kind !== "notice") throw new Error("the flow does not begin with a notice");
      expect(await step.agree(undefined)).toEqual({ kind: "kept" });
    });

    test("gives the same person the same address again", async () => {
      const again = await throughFlow(stage.network, { login: "login-b" as LoginId, user: ana }, stage.uses);
      expect(again.visibleId).toBe(login.visibleId);
      if (again.continues === undefined) return;
      // The login goes on under what replaces its account, as the bridge has it go on.
      expect(again.continues).toBe(login.id);
      await client[Symbol.asyncDispose]();
      login = { ...login, account: again.account };
      await stage.store.write((tx) => {
        tx.logins.setAccount(login.id, login);
        again.record(tx);
      });
      await connect();
    });

    test("tells when it is connected", () => {
      expect(client.state).toEqual({ kind: "connected" });
      expect(sink.states.at(-1)).toEqual({ kind: "connected" });
    });

    test("finds a contact by name or number, knows who cannot be reached, and finds nobody", async () => {
      expect(await client.find(stage.contact.query)).toMatchObject({
        kind: "found",
        contact: { name: stage.contact.name, reachability: "reachable" },
      });
      const found = await client.find(stage.unreachable);
      expect(found).toMatchObject({
        kind: "found",
        contact: { reachability: stage.unreachableAs ?? expect.stringMatching(/off|app|unknown/) },
      });
      expect(await client.find(stage.nobody)).toMatchObject({
        kind: "not-found",
        words: expect.stringMatching(/\S/),
      });
    });

    test("hands over what a contact writes, in order, once", async () => {
      const before = sink.events.length;
      for (const index of [1, 2, 3]) await stage.contact.says(login.visibleId, `in ${index}`, `in-${index}`);
      await sink.until("three messages", () => sink.events.length >= before + 3);
      expect(sink.texts().slice(-3)).toEqual(["in 1", "in 2", "in 3"]);
      const event = sink.events.at(-1);
      const id = stage.idOf?.("in-3", "contact") ?? "in-3";
      expect(event).toMatchObject({ chat, id, senderName: stage.contact.name });
      expect(Math.abs((event?.at ?? 0) - Date.now())).toBeLessThan(120_000);
    });

    test("brings again what could not be stored", async () => {
      sink.failures = 1;
      await stage.contact.says(login.visibleId, "kept", "kept-1");
      await sink.until("the message", () => sink.texts().includes("kept"));
      expect(sink.texts().filter((text) => text === "kept")).toHaveLength(1);
    });

    test("carries messages to the contact, in the order they were handed over, though none waits for the last", async () => {
      await client.connected(AbortSignal.timeout(10_000));
      const shown = (await stage.contact.shows(0)).length;
      const texts = Array.from({ length: 10 }, (_, index) => `out ${index}`);
      await Promise.all(texts.map((text, index) => send(`OUT${index}`, text)));
      expect((await stage.contact.shows(shown + 10)).slice(shown)).toEqual(texts);
    });

    ownMessages(() => ({ stage, login, sink, client, chat, send }), { otherDevices, copies });

    if (groups) {
      networkGroups(
        () => {
          if (!stage.groups) throw new Error("the stage has no groups");
          const idOf = stage.idOf ?? ((called) => called as MessageId);
          return { us: login.visibleId, groups: stage.groups, client, sink, store: stage.store, idOf };
        },
        { granted: groups === "granted" },
      );
    }

    test("shows a message once, however often it is sent under its id, also after a restart", async () => {
      const shown = (await stage.contact.shows(0)).length;
      await send("ONCE", "once");
      await send("ONCE", "once");
      await client[Symbol.asyncDispose]();
      await connect();
      await send("ONCE", "once");
      await send("NEXT", "next");
      expect((await stage.contact.shows(shown + 2)).slice(shown)).toEqual(["once", "next"]);
    });

    test("lets nothing leave that is not on disk", async () => {
      const shown = (await stage.contact.shows(0)).length;
      const full = new BridgeError("storage", { words: "Full.", certain: true, retryAfter: 0 });
      const failing = { sealed: undefined, seal: () => Promise.reject(full), note: () => () => {} };
      await expect(send("LOST", "lost", failing)).rejects.toBe(full);
      await send("FOUND", "found");
      expect((await stage.contact.shows(shown + 1)).slice(shown)).toEqual(["found"]);
    });

    test("refuses, in words, what cannot be carried to somebody", async () => {
      const found = await client.find(stage.unreachable);
      if (found.kind !== "found") throw new Error("not found");
      const message = { parts: [{ kind: "text", style: "text", body: plainText("hello") }] } as const;
      const item = {
        chat: found.contact.chat,
        id: ours("NOT1"),
        outgoing: { kind: "message", message },
        open: noFile,
      } as const;
      await expect(client.send(item, sink.journal(item.id))).rejects.toMatchObject({
        reason: "not-reachable",
        certain: true,
        retryAfter: undefined,
        words: expect.stringMatching(/\S/),
      });
    });

    test("what waits for a connection can be given up; an ended client sends nothing", async () => {
      const other = stage.network.connect(login, stage.sink(login.id));
      await expect(other.connected(AbortSignal.abort())).rejects.toThrow();
      await other[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      const message = { parts: [{ kind: "text", style: "text", body: plainText("late") }] } as const;
      const item = {
        chat,
        id: ours("LATE"),
        outgoing: { kind: "message", message },
        open: noFile,
      } as const;
      await expect(other.send(item, sink.journal(item.id))).rejects.toBeInstanceOf(BridgeError);
    });

    test("takes a person's registration back, also when that is done already", async () => {
      const other = await enlisted(stage, "login-c" as LoginId, "@bob:example.org" as UserId);
      await stage.network.delist(other);
      await stage.network.delist(other);
    });
  });
}

async function enlisted(stage: NetworkStage, id: LoginId, user: UserId = ana): Promise<Login> {
  const enlistment = await throughFlow(stage.network, { login: id, user }, stage.uses);
  const { visibleId, account } = enlistment;
  const consent = { consentVersion: 1, consentAt: 1 };
  const login: Login = {
    id,
    user,
    network: stage.network.id,
    state: "active",
    visibleId,
    account,
    ...consent,
  };
  await stage.store.write((tx) => {
    tx.logins.add(login);
    enlistment.record(tx);
  });
  return login;
}
