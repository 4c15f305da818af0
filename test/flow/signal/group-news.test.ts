import { afterEach, describe, expect, test } from "@jest/globals";
import { GroupCipher } from "../../../src/networks/signal/groups/group-cipher.ts";
import { signalFamily } from "../../../src/networks/signal/records.ts";
import { chatOfGroup, groupStage } from "../../kit/signal/group-stage.ts";
import { personIdOf } from "../../kit/signal/signal-session.ts";

const here = groupStage();
const { stage } = here;
const GROUPS = "/storageService/v2/groups";

afterEach(() => stage.world.mock.server.faults.clear());

const kindsIn = (played: Parameters<typeof here.eventsIn>[0]) =>
  here.eventsIn(played).map(({ kind }) => kind);

describe("what of a group's changes did not come", () => {
  test("is fetched before the next message, as whose doing each was", async () => {
    const played = await here.knownGroup("Gemist");
    await played.renames(stage.wim, "Gemist 2", { tells: [] });
    await played.describes(here.cas, "wat er was", { tells: [] });
    await played.removes(stage.wim, [here.cas], { tells: [] });
    const { timestamp } = await played.says(stage.wim, "after all that");
    await stage.event("message", timestamp);
    expect(here.eventsIn(played).slice(1)).toMatchObject([
      { kind: "group-name", name: "Gemist 2", sender: personIdOf(stage.wim) },
      { kind: "group-topic", topic: "wat er was", sender: personIdOf(here.cas) },
      { kind: "group-members", changes: [{ person: personIdOf(here.cas), membership: "left" }] },
      { kind: "message", sender: personIdOf(stage.wim) },
    ]);
    expect(await here.stateOf(played)).toMatchObject({ revision: 3, title: "Gemist 2" });
  });

  test("is told once, where the log and a message bring the same", async () => {
    const played = await here.knownGroup("Dubbel");
    const change = await played.renames(stage.wim, "Dubbel 2", { tells: [] });
    await played.renames(stage.wim, "Dubbel 3");
    await stage.session.sink.until(
      "both names",
      () => kindsIn(played).filter((kind) => kind === "group-name").length === 2,
    );
    const again = { body: "again", groupV2: await played.context() };
    const { timestamp } = await played.sends(stage.wim, again, { timestamp: change.timestamp + 5 });
    await stage.event("message", timestamp);
    expect(kindsIn(played)).toEqual(["message", "group-name", "group-name", "message"]);
  });

  test("is what is so now, where it is more than is told one by one", async () => {
    const played = await here.knownGroup("Veel");
    for (let number = 1; number <= 210; number += 1)
      await played.renames(stage.wim, `Veel ${number}`, { tells: [] });
    const { timestamp } = await played.says(here.cas, "so many");
    await stage.event("message", timestamp);
    expect(here.eventsIn(played).slice(1)).toMatchObject([
      { kind: "group-name", name: "Veel 210" },
      { kind: "message" },
    ]);
  });

  test("is not believed of a member who makes it up: the message is shown, and the group is the server's", async () => {
    const played = await here.knownGroup("Verzonnen");
    const revision = 1_000;
    const { timestamp } = await played.sends(stage.wim, {
      body: "a far revision",
      groupV2: { masterKey: played.masterKey, revision, groupChange: new Uint8Array([1, 2, 3]) },
    });
    await stage.event("message", timestamp);
    expect(await here.stateOf(played)).toMatchObject({ revision: 0, title: "Verzonnen" });
  });
});

describe("a group that cannot be had", () => {
  test("holds its own messages in their order, and no other chat's, until it can", async () => {
    const { faults } = stage.world.mock.server;
    const known = await here.knownGroup("Bekend");
    faults.requests(GROUPS, { status: 503 }, { times: 1_000 });
    const played = await here.group("Onbekend");
    const held = [];
    for (const body of ["held 1", "held 2", "held 3"]) {
      const { timestamp, acknowledged } = await played.says(stage.wim, body);
      await acknowledged;
      held.push(timestamp);
    }
    const other = await known.says(here.cas, "meanwhile");
    const between = await stage.wim.says(stage.phone, "just us");
    await stage.event("message", other.timestamp);
    await stage.event("message", between.timestamp);
    expect(here.eventsIn(played)).toEqual([]);
    faults.clear();
    await stage.event("message", held.at(-1));
    expect(here.eventsIn(played).map(({ id }) => id)).toEqual(
      held.map((timestamp) => `${stage.wim.aci}/${timestamp}`),
    );
  });

  test("loses nothing where the bridge ends meanwhile", async () => {
    const { faults } = stage.world.mock.server;
    faults.requests(GROUPS, { status: 503 }, { times: 1_000 });
    const played = await here.group("Herstart");
    const { timestamp, acknowledged } = await played.says(stage.wim, "before the end");
    await acknowledged;
    await stage.session.disconnect();
    faults.clear();
    await stage.session.connect();
    expect((await stage.event("message", timestamp)).chat).toBe(chatOfGroup(played));
    expect(kindsIn(played)).toEqual(["message"]);
  });

  test("as it does not exist, or our person is not in it, leaves out what claims to be in it, and keeps nothing of it", async () => {
    const played = await stage.world.mock.createGroup("Zonder ons", stage.wim, here.cas);
    const { acknowledged } = await played.sends(stage.wim, { body: "not for you" }, { tells: [stage.phone] });
    await acknowledged;
    const masterKey = new Uint8Array(32).fill(9);
    const made = { body: "no such group", groupV2: { masterKey, revision: 0, groupChange: null } };
    await stage.wim.sends(stage.phone, made);
    await stage.session.sink.until("both left out", () => {
      const left = stage.world.log.lines.filter(
        ({ message }) => message === "a group's message was left out",
      );
      return left.length >= 2;
    });
    await here.settled();
    expect(stage.session.sink.texts().filter((text) => /not for you|no such/.test(text))).toEqual([]);
    const cipher = GroupCipher.of(masterKey);
    const groups = await stage.world.store.family(signalFamily).groups(stage.session.login.id);
    expect(cipher && groups.some(({ chat }) => chat === cipher.chat)).toBe(false);
  });
});

test("what somebody wrote before they were put out is shown where that was missed, and nothing that they wrote after", async () => {
  const played = await here.knownGroup("Net te laat");
  const { cas } = here;
  await played.renames(stage.wim, "Net te laat 2", { tells: [] });
  const before = await played.context();
  await played.removes(stage.wim, [cas], { tells: [] });
  const tells = [stage.phone];
  const late = await played.sends(cas, { body: "before they put me out", groupV2: before }, { tells });
  await stage.event("message", late.timestamp);
  expect(here.eventsIn(played).slice(1)).toMatchObject([
    { kind: "group-name", name: "Net te laat 2" },
    { kind: "group-members", changes: [{ person: personIdOf(cas), membership: "left" }] },
    { kind: "message", sender: personIdOf(cas) },
  ]);
  for (const [body, groupV2] of [
    ["as if before", before],
    ["from outside", await played.context()],
  ] as const)
    await (await played.sends(cas, { body, groupV2 }, { tells })).acknowledged;
  await here.settled();
  expect(stage.session.sink.texts().filter((text) => /as if before|from outside/.test(text))).toEqual([]);
});
