import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { UserId } from "../../src/core/model/ids.ts";
import { ANA } from "../kit/flow-world.ts";
import { RIGHT_CODE } from "../kit/linked-network.ts";
import { ProvisionedWorld, type Step } from "../kit/provisioned-world.ts";
import { settle } from "../kit/virtual-clock.ts";

let here: ProvisionedWorld;

beforeEach(async () => {
  here = await ProvisionedWorld.start();
  here.tokens.access.set("ana-token", ANA).set("ben-token", "@ben:test" as UserId);
});
afterEach(() => here[Symbol.asyncDispose]());

const V3 = "/_matrix/provision/v3";

/** Answers a step as a v3 client does: by the ids that the step has. */
async function answers(step: Pick<Step, "login_id" | "step_id" | "type">, body: Record<string, string> = {}) {
  const path = `${V3}/login/step/${step.login_id}/${step.step_id}/${step.type}`;
  return here.ask("POST", path, { body });
}

async function begins(flow: string) {
  const { status, body } = await here.ask("POST", `${V3}/login/start/${flow}`, { body: {} });
  expect(status).toBe(200);
  return body;
}

describe("a client of the provisioning API", () => {
  test("a notice has its short lines beside the whole, which is what is agreed to", async () => {
    here.world.network.notice = { version: 1, summary: ["The short of it."], paragraphs: ["The notice."] };
    const [consent] = (await here.ask("GET", `${V3}/login/flows`)).body.flows;
    const { notice, instructions } = await begins("whatsapp.consent");
    expect(notice).toEqual(consent?.notice);
    expect(notice).toMatchObject({ version: 1, summary: ["The short of it."] });
    expect(notice.paragraphs[0]).toBe("The notice.");
    expect(instructions).toContain("The notice.");
    expect(instructions).not.toContain("The short of it.");
  });

  test("learns who it is, logs in by consent, and logs out", async () => {
    const whoami = await here.ask("GET", `${V3}/whoami?user_id=${encodeURIComponent(ANA)}`);
    expect(whoami.status).toBe(200);
    expect(whoami.body).toMatchObject({
      network: { displayname: "Third-party chats", network_id: "third-party-chats" },
      homeserver: "test",
      logins: [],
    });
    const flows = await here.ask("GET", `${V3}/login/flows`);
    expect(flows.body.flows.map(({ id }) => id)).toEqual([
      "whatsapp.consent",
      "quill.qr",
      "quill.phone",
      "quill.password",
    ]);
    const [consent] = flows.body.flows;
    expect(consent?.notice).not.toHaveProperty("summary");
    const notice = await begins("whatsapp.consent");
    expect(notice.notice).toEqual(consent?.notice);
    expect(notice).toMatchObject({
      type: "user_input",
      network_id: "whatsapp",
      notice: { version: 1 },
      user_input: {
        fields: [
          { id: "agree", type: "select", options: ["yes", "no"], required: true },
          { id: "beside", required: false },
        ],
      },
    });
    expect(notice.instructions).toContain("The notice.");
    const undecided = await answers(notice, { agree: "perhaps" });
    expect(undecided.body).toMatchObject({ step_id: notice.step_id, problem: { field: "agree" } });
    const nowhere = await answers(notice, { agree: "yes", beside: "Atlantis" });
    expect(nowhere.body.problem.words).toContain("I know no country called “Atlantis”");
    const done = await answers(notice, { agree: "yes", beside: "NL" });
    expect(done.body).toMatchObject({ type: "complete" });
    const id = done.body.complete.user_login_id;
    const after = await here.ask("GET", `${V3}/whoami`);
    expect(after.body.logins).toMatchObject([{ id, network_id: "whatsapp", state_event: "CONNECTED" }]);
    expect((await here.ask("GET", `${V3}/logins`)).body).toEqual({ login_ids: [id] });
    const again = await here.ask("POST", `${V3}/login/start/whatsapp.consent`, { body: {} });
    expect([again.status, again.body.errcode]).toEqual([400, "FI.MAU.BRIDGE.TOO_MANY_LOGINS"]);
    const foreign = await here.ask("POST", `${V3}/logout/${id}`, { token: "ben-token", body: {} });
    expect([foreign.status, foreign.body.errcode]).toEqual([404, "M_NOT_FOUND"]);
    expect((await here.ask("POST", `${V3}/logout/${id}`, { body: {} })).body).toEqual({});
    expect((await here.ask("GET", `${V3}/logins`)).body).toEqual({ login_ids: [] });
  });

  test("shows codes, waits for what comes of them, and hears of the end it missed", async () => {
    const notice = await begins("quill.qr");
    const first = (await answers(notice, { agree: "yes" })).body;
    expect(first).toMatchObject({
      type: "display_and_wait",
      display_and_wait: { type: "qr", data: here.linked.quill.codes[0] },
    });
    const renewed = answers(first);
    await settle();
    await here.world.clock.advance(40_000);
    const same = (await answers({ ...first, step_id: notice.step_id })).body;
    expect(same.step_id).toBe(first.step_id);
    await here.world.clock.advance(30_000);
    const second = (await renewed).body;
    // The patience of one request ends before the code does, so the same step is answered, to be waited for again.
    expect(second.step_id).toBe(first.step_id);
    const current = (await answers(second)).body;
    expect(current.display_and_wait.data).toBe(here.linked.quill.codes[1]);
    const waits = answers(current);
    await settle();
    here.linked.quill.scan("+31611");
    const next = (await waits).body;
    await here.world.clock.advance(1_000);
    const end = next.type === "complete" ? next : (await answers(next)).body;
    expect(end.type).toBe("complete");
    expect((await answers(current)).body.complete).toEqual(end.complete);
  });

  test("waits in so many pages, and no more", async () => {
    const code = (await answers(await begins("quill.qr"), { agree: "yes" })).body;
    const waits = Array.from({ length: 9 }, () => answers(code));
    const ninth = await Promise.race(waits);
    expect([ninth.status, ninth.body.errcode]).toEqual([429, "M_LIMIT_EXCEEDED"]);
    here.linked.quill.scan("+31611");
    const all = await Promise.all(waits);
    expect(all.filter(({ status }) => status === 200)).toHaveLength(8);
  });

  test("is asked field by field, and told what was wrong", async () => {
    const notice = await begins("quill.phone");
    const phone = (await answers(notice, { agree: "yes" })).body;
    expect(phone.user_input.fields).toMatchObject([{ id: "phone", type: "phone_number" }]);
    expect((await answers(phone, {})).body.problem.field).toBe("phone");
    const bad = (await answers(phone, { phone: "0612" })).body;
    expect(bad.problem).toEqual({ field: "phone", words: "That is not a phone number with country code." });
    const code = (await answers(phone, { phone: "+31 6 12345678" })).body;
    expect(code.user_input.fields).toMatchObject([{ id: "code", type: "2fa_code" }]);
    const stale = await answers(phone, { phone: "+31 6 12345678" });
    expect([stale.status, stale.body.errcode]).toEqual([400, "M_BAD_STATE"]);
    const wrong = (await answers(code, { code: "111111" })).body;
    expect(wrong.instructions).toContain("That code is not right");
    const wait = (await answers(wrong, { code: RIGHT_CODE })).body;
    expect(wait.display_and_wait).toEqual({ type: "nothing" });
    await here.world.clock.advance(1_000);
    expect((await answers(wait)).body.type).toBe("complete");
    expect(here.lines.filter((line) => line.includes(RIGHT_CODE))).toEqual([]);
  });

  test("sees what was begun in the chat with the bot, and the bot what was begun here", async () => {
    const room = await here.linked.scanning(ANA);
    const { body } = await here.ask("GET", "/_matrix/provision/person/v1/login");
    expect(body.step.display_and_wait.data).toBe(here.linked.quill.codes[0]);
    const cancelled = await here.ask("POST", `${V3}/login/cancel/${body.step.login_id}`, { body: {} });
    expect(cancelled.body).toEqual({});
    await settle();
    expect(here.linked.codesIn(room)).toEqual([]);
    expect(here.linked.last(room)).toContain("That was ended, and nothing was turned on.");

    const notice = await begins("quill.phone");
    await here.world.says(ANA, room, "yes");
    expect(here.linked.last(room)).toContain("your phone number with country code");
    const late = await answers(notice, { agree: "yes" });
    expect([late.status, late.body.errcode]).toEqual([400, "M_BAD_STATE"]);
    const step = (await here.ask("GET", "/_matrix/provision/person/v1/login")).body.step;
    await answers(step, { phone: "+31612345678" });
    await settle();
    expect(here.linked.last(room)).toContain("the six digits that were sent to you");
    await here.world.says(ANA, room, RIGHT_CODE);
    await here.world.clock.advance(1_000);
    expect(here.linked.last(room)).toContain("Quill is on and connected.");
  });

  test("one login takes another's place, and a no ends it", async () => {
    const first = await begins("quill.phone");
    const second = await begins("quill.qr");
    const replaced = await answers(first, { agree: "yes" });
    expect([replaced.status, replaced.body.errcode]).toEqual([400, "FI.MAU.BRIDGE.LOGIN_CANCELLED"]);
    expect(replaced.body.error).toContain("in place of this one");
    const no = await answers(second, { agree: "no" });
    expect([no.status, no.body.errcode]).toEqual([400, "FI.MAU.BRIDGE.LOGIN_CANCELLED"]);
    const foreign = await here.ask("POST", `${V3}/login/cancel/${second.login_id}`, { token: "ben-token" });
    expect(foreign.status).toBe(404);
    expect((await here.ask("GET", "/_matrix/provision/person/v1/login")).body).toEqual({ step: null });
  });
});
