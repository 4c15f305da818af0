import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { untilConnected } from "../../tools/demo/opt-in.ts";
import { networkNames } from "../../tools/world/networks.ts";
import { integrator } from "../../tools/world/sandbox-yaml.ts";
import { OpenChat } from "../kit/open-chat.ts";
import type { OtherClient, ShownRoom } from "../kit/other-client.ts";
import { endQuietly } from "../kit/quiet-end.ts";
import { e2eTimeout, type TestPerson, TestWorld } from "../kit/world.ts";

jest.setTimeout(e2eTimeout);

let world: TestWorld;
let ana: TestPerson;
let viewer: OtherClient;

beforeAll(async () => {
  world = await TestWorld.start();
  ana = await world.person("Ana");
  viewer = await world.otherClient("ana");
});

afterAll(() => endQuietly(world, ["Arie Archief"]));

describe.each(networkNames)("chats that end on %s", (network) => {
  let chat: OpenChat;

  beforeAll(async () => {
    chat = await OpenChat.begin({ world, person: ana, viewer, network, name: `Arie Archief ${network}` });
  });

  const changes = (change: Readonly<Record<string, unknown>>): Promise<unknown> =>
    world.world.control.call("POST", `/networks/${network}`, change);
  const closed = (): Promise<ShownRoom> =>
    chat.until("a room in which one cannot speak", (room) => !room.maySpeak && room);
  const open = (): Promise<ShownRoom> =>
    chat.until("a room in which one can speak", (room) => room.maySpeak && room);

  test("a contact's choices are said at once and lifted; what failed meanwhile waits for a word", async () => {
    await chat.phone.does("turnsOff");
    await chat.notice(/turned off in their/);
    await chat.notice(/third-party chats/, await chat.say("do you get this?"));
    await chat.phone.does("turnsOn");
    await chat.notice(new RegExp(`1 of your messages did not arrive.*retry ${network}`, "s"));
    await chat.stillWorks();
    const before = (await chat.phone.inbox()).items.filter(({ text }) => text === "do you get this?");
    expect(before).toEqual([]);
    await chat.asks(`retry ${network} ${chat.name}`, /1 message .*on its way/);
    await chat.heard("do you get this?");
    await chat.asks(`retry ${network} ${chat.name}`, /Nothing you wrote/);

    await chat.phone.does("choosesApps", { apps: [] });
    await chat.notice(/have not chosen this service/);
    await chat.phone.does("choosesApps", { apps: [integrator] });
    await chat.stillWorks();
  });

  test("a network that withdraws leaves an archive, and one that comes back the same room", async () => {
    await changes({ ended: true });
    await chat.notice(/This chat is closed.*withdrawn/s);
    const room = await closed();
    expect(room.events.some(({ content }) => content["body"] === `${chat.name} says hello`)).toBe(true);
    await expect(chat.say("anyone?")).rejects.toThrow("403");
    await changes({ ended: false });
    await chat.notice(/is back/);
    await open();
    await chat.stillWorks();
  });

  test("an integrator that is removed leaves archives too, until it is admitted again", async () => {
    await changes({ integrators: { [integrator]: { status: "removed" } } });
    await chat.notice(/no longer works together/);
    await closed();
    await changes({ integrators: { [integrator]: { status: "active" } } });
    // A bridge that runs asks again within minutes; one that starts asks at once.
    await world.world.bridge.stop();
    await world.world.startBridge();
    await chat.until("the room open again", ({ maySpeak }) => maySpeak);
    await untilConnected(world.world.control, network, ana.userId);
    await chat.stillWorks();
  });

  test("a contact who leaves for good leaves an archive", async () => {
    const parts = { world, person: ana, viewer, network };
    const gone = await OpenChat.begin({ ...parts, name: `Gerrit Gaat ${network}` });
    await gone.phone.does("leaves");
    await gone.notice(/no longer on/);
    await gone.until("a room in which one cannot speak", ({ maySpeak }) => !maySpeak);
  });
});

test("who opts out has archives, and new rooms when they come back", async () => {
  const bo = await world.person("Bo", ["whatsapp"]);
  const bosViewer = await world.otherClient("bo");
  const parts = { world, person: bo, viewer: bosViewer, network: "whatsapp", name: "Olaf Uit" } as const;
  const chat = await OpenChat.begin(parts);
  await chat.asks("disable whatsapp", /is off: your registration there/);
  await chat.notice(/You turned WhatsApp off.*history stays/s);
  await chat.until("a room in which one cannot speak", ({ maySpeak }) => !maySpeak);
  await expect(chat.phone.says(bo.userId, "hello?")).rejects.toThrow("404");
  await chat.asks("enable whatsapp", /please read this/);
  await chat.asks("yes", /is on and connected/);
  await chat.phone.says(bo.userId, "there you are");
  const room = await bosViewer.until("a new room", ({ rooms }) =>
    rooms.find(({ events }) => events.some(({ content }) => content["body"] === "there you are")),
  );
  expect(room.id).not.toBe(chat.room);
});
