import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { SignalPhone } from "../../tools/signal-mock/client.ts";
import { eventually } from "../kit/eventually.ts";
import { OpenChat } from "../kit/open-chat.ts";
import type { OtherClient } from "../kit/other-client.ts";
import { base64, blob, sha256 } from "../kit/sample-files.ts";
import { SmallDisk } from "../kit/small-disk.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

const here = SmallDisk.possible() ? describe : describe.skip;

here("Signal on a full disk, where one can be mounted:", () => {
  const stack = new AsyncDisposableStack();
  let disk: SmallDisk;
  let world: TestWorld;
  let ana: TestPerson;
  let own: SignalPhone;
  let viewer: OtherClient;
  let chat: OpenChat<SignalPhone>;

  beforeAll(async () => {
    disk = stack.use(new SmallDisk(64));
    world = stack.use(await TestWorld.start({ bridgeData: disk.path, signal: true }));
    ana = await world.person("Ana", []);
    own = await world.linksSignal(ana, "Ana Eigen");
    viewer = await world.otherClient("ana");
    const phone = await world.world.signalControl.person("Vol Schijf");
    chat = await OpenChat.with({ world, person: ana, viewer, phone, self: own.aci, name: "Vol Schijf" });
  });
  afterAll(async () => {
    disk?.clear();
    await stack.disposeAsync();
  });

  const printed = (): string => readFileSync(world.world.files.logs.bridge, "utf8");
  const FULL = /The disk with the bridge's database is full\. Free some space/;
  const linked = async (name: string): Promise<number> => {
    const { aci } = await world.world.signalControl.person(name);
    const users = await world.world.signalControl.users();
    return users.filter(({ visible_id }) => visible_id === aci).length;
  };

  test("messages and files of both sides wait and a link fails, with words; when there is room all arrives once and in order, and the link works", async () => {
    const { client } = ana;
    const { phone, room, ghost } = chat;
    const ben = await world.person("Ben", []);
    const link = () => world.linksSignal(ben, "Ben Eigen");
    const files = [blob(300_000), blob(300_001)] as const;
    const url = await viewer.upload(files[0], "application/pdf");
    const names = Array.from({ length: 10 }, (_, n) => `while full ${n}`);
    disk.fill();
    expect(disk.free).toBe(0);
    for (const name of names) {
      await phone.says(own.aci, `from the phone ${name}`);
      await client.say(room, `from Matrix ${name}`);
    }
    const media = base64(files[1]);
    await phone.does("sends", {
      to: own.aci,
      as: "file",
      media,
      mimetype: "application/pdf",
      name: "theirs",
    });
    const info = { mimetype: "application/pdf", size: files[0].length };
    await client.send(room, "m.room.message", { msgtype: "m.file", body: "ours", url, info });
    await eventually("the bridge to say why", () => FULL.test(printed()));
    await expect(link()).rejects.toThrow(FULL);
    disk.clear();
    await client.say(room, "from Matrix after");
    await phone.says(own.aci, "from the phone after");
    await phone.hears("from Matrix after", { seconds: 120 });
    const shown = await viewer.room(
      room,
      "all of it",
      ({ events }) => events.some(({ content }) => content["body"] === "from the phone after") && events,
    );
    const theirs = shown
      .filter(({ sender, type }) => sender === ghost && type === "m.room.message")
      .map(({ content }) => content["body"]);
    expect(theirs.slice(1)).toEqual([
      ...names.map((name) => `from the phone ${name}`),
      "theirs",
      "from the phone after",
    ]);
    const file = shown.find(({ content }) => content["body"] === "theirs");
    expect(sha256((await viewer.download(file?.content["url"])).bytes)).toBe(sha256(files[1]));
    const heard = (await phone.inbox()).items.filter(({ repeat }) => repeat !== true);
    expect(
      heard.flatMap(({ kind, text }) => (kind === "file" ? ["a file"] : text === undefined ? [] : [text])),
    ).toEqual([...names.map((name) => `from Matrix ${name}`), "a file", "from Matrix after"]);
    expect(heard.find(({ kind }) => kind === "file")?.media?.sha256).toBe(sha256(files[0]));
    // The link that could not be stored has left no device on the phone.
    await eventually("no device", async () => (await linked("Ben Eigen")) === 0);
    await link();
    expect(await linked("Ben Eigen")).toBe(1);
    expect([world.world.bridge.running, printed().includes("nobody caught")]).toEqual([true, false]);
  });
});
