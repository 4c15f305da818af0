import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ChatId, PersonId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { RIGHT_CODE } from "../kit/linked-network.ts";
import { ProvisionedWorld } from "../kit/provisioned-world.ts";
import { V3Client } from "../kit/v3-client.ts";

let here: ProvisionedWorld;
let whatsapp: V3Client;
let quill: V3Client;

beforeEach(async () => {
  here = await ProvisionedWorld.start();
  here.tokens.access.set("ana-token", ANA);
  const { body } = await here.ask("GET", "/.well-known/matrix/mautrix", { token: null });
  const found = (body as unknown as { readonly "fi.mau.bridges": readonly string[] })["fi.mau.bridges"];
  const clients = found.map(
    (base) => new V3Client(base.replace("https://chats.test", here.url), ANA, "ana-token"),
  );
  [whatsapp, quill] = clients as [V3Client, V3Client];
});
afterEach(() => here[Symbol.asyncDispose]());

/** Chooses yes, and gives each other field what is typed for its type. */
const typing =
  (typed: Readonly<Record<string, string>>) => (step: Parameters<Parameters<V3Client["login"]>[1]>[0]) => {
    if (step.type !== "user_input") return undefined;
    return Object.fromEntries(step.user_input.fields.map(({ id, type }) => [id, typed[type] ?? ""]));
  };

describe("a client of mautrix's provisioning API, version 3", () => {
  test("finds each network as a bridge of its own, logs in by consent, and uses the chats", async () => {
    const { network, login_flows: flows, logins } = await whatsapp.whoami();
    expect([network.displayname, logins]).toEqual(["WhatsApp", []]);
    const login = await whatsapp.login(flows[0]?.id ?? "", typing({ select: "yes" }));
    expect(await whatsapp.logins()).toEqual([login]);
    expect(await quill.logins()).toEqual([]);
    expect((await whatsapp.whoami()).logins).toMatchObject([
      { id: login, state: { state_event: "CONNECTED" } },
    ]);
    const zoe = {
      person: "Zoe" as PersonId,
      chat: "Zoe" as ChatId,
      name: "Zoe",
      reachability: "reachable",
    } as const;
    here.world.network.contacts.set("+31611", { kind: "found", contact: zoe });
    expect(await whatsapp.resolve("+31611", login)).toMatchObject({ id: "Zoe", name: "Zoe" });
    const made = await whatsapp.createDm("+31611", login);
    expect(await whatsapp.contacts(login)).toMatchObject([{ id: "Zoe", dm_room_mxid: made.dm_room_mxid }]);
    await whatsapp.logout(login);
    expect(await whatsapp.logins()).toEqual([]);
  });

  test("types what is asked for, and scans what is shown", async () => {
    const typed = typing({ select: "yes", phone_number: "+31612345678", "2fa_code": RIGHT_CODE });
    const first = await quill.login("quill.phone", typed);
    const scanned = await quill.login("quill.qr", (step) => {
      if (step.type === "display_and_wait" && step.display_and_wait.type === "qr") {
        expect(step.display_and_wait.data).toBe(here.linked.quill.codes.at(-1));
        here.linked.quill.scan("+31622");
      }
      return typing({ select: "yes" })(step);
    });
    expect(new Set(await quill.logins())).toEqual(new Set([first, scanned]));
    await quill.logout("all");
    expect(await quill.logins()).toEqual([]);
  });

  test("hears that a login ended", async () => {
    await expect(whatsapp.login("whatsapp.consent", typing({ select: "no" }))).rejects.toThrow(
      "FI.MAU.BRIDGE.LOGIN_CANCELLED",
    );
    await expect(whatsapp.login("nothing", typing({}))).rejects.toThrow("M_NOT_FOUND");
    await expect(quill.contacts("nothing")).rejects.toThrow("M_NOT_FOUND");
  });
});
