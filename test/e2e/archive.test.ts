import { beforeAll, describe, expect, test } from "@jest/globals";
import { untilConnected } from "../../tools/demo/opt-in.ts";
import { networkNames } from "../../tools/world/networks.ts";
import { integrator } from "../../tools/world/sandbox-yaml.ts";
import { anaOnSynapse, viewedPerson } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";
import type { ShownRoom } from "../kit/other-client.ts";

const here = anaOnSynapse({ secrets: ["Arie Archief"] });

describe.each(networkNames)("chats that end on %s", (network) => {
  let chat: OpenChat;

  beforeAll(async () => {
    chat = await here.chat(network, `Arie Archief ${network}`);
  });

  const changes = (change: Readonly<Record<string, unknown>>): Promise<unknown> =>
    here.world.control.call("POST", `/networks/${network}`, change);
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
    await here.world.world.bridge.stop();
    await here.world.world.startBridge();
    await chat.until("the room open again", ({ maySpeak }) => maySpeak);
    await untilConnected(here.world.control, network, here.ana.userId);
    await chat.stillWorks();
  });

  test("a contact who leaves for good leaves an archive", async () => {
    const gone = await here.chat(network, `Gerrit Gaat ${network}`);
    await gone.phone.does("leaves");
    await gone.notice(/no longer on/);
    await gone.until("a room in which one cannot speak", ({ maySpeak }) => !maySpeak);
  });
});

test("who opts out has archives, and new rooms when they come back", async () => {
  const bo = await viewedPerson(here.world, "Bo", ["whatsapp"]);
  const chat = await bo.chat("whatsapp", "Olaf Uit");
  await chat.asks("disable whatsapp yes", /is off: your registration there/);
  await chat.notice(/You turned WhatsApp off.*history stays/s);
  await chat.until("a room in which one cannot speak", ({ maySpeak }) => !maySpeak);
  await expect(chat.phone.says(bo.userId, "hello?")).rejects.toThrow("404");
  await chat.asks("enable whatsapp", /please read this/);
  await chat.asks("yes", /is on and connected/);
  await chat.phone.says(bo.userId, "there you are");
  const room = await bo.viewer.until("a new room", ({ rooms }) =>
    rooms.find(({ events }) => events.some(({ content }) => content["body"] === "there you are")),
  );
  expect(room.id).not.toBe(chat.room);
});
