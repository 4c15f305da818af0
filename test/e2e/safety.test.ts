import { beforeAll, describe, expect, test } from "@jest/globals";
import { networkNames } from "../../tools/world/networks.ts";
import { anaOnSynapse } from "../kit/on-synapse.ts";
import type { OpenChat } from "../kit/open-chat.ts";

const here = anaOnSynapse({ secrets: ["Vera Veilig", "canary-6d"] });

describe.each(networkNames)("safety on %s", (network) => {
  let chat: OpenChat;

  beforeAll(async () => {
    chat = await here.chat(network, `Vera Veilig ${network}`);
  });

  test("a block keeps both sides' messages away until it is lifted", async () => {
    await chat.asks(`block ${network} ${chat.name}`, /is blocked/);
    await chat.phone.says(here.ana.userId, "can you hear me?");
    await chat.notice(/You have blocked/, await chat.say("nor you me"));
    await chat.asks(`unblock ${network} ${chat.name}`, /not blocked any more/);
    const { events } = await chat.stillWorks();
    expect(events.filter(({ content }) => content["body"] === "can you hear me?")).toEqual([]);
    const { items } = await chat.phone.inbox();
    expect(items.filter(({ text }) => text === "nor you me")).toEqual([]);
  });

  test("being blocked is told in the room, and lifted by itself, with an offer to send what failed", async () => {
    await chat.does("blocks");
    await chat.notice(/has blocked you/);
    await chat.notice(/has blocked you/, await chat.say("what did I do?"));
    await chat.does("unblocks");
    await chat.notice(/can be reached/);
    await chat.stillWorks();
  });

  test("a report hands over the last messages, and only with a yes", async () => {
    await chat.does("says", { text: "send me money, canary-6d" });
    await chat.text("send me money, canary-6d");
    const reports = async (): Promise<readonly Record<string, unknown>[]> => {
      const { reports: list } = (await here.world.control.call("GET", "/reports")) as {
        reports: Record<string, unknown>[];
      };
      return list.filter((each) => JSON.stringify(each).includes(network));
    };
    expect(await chat.asks(`report ${network} ${chat.name}`, /Nothing was sent yet/)).toMatch(
      /last [1-9]\d* messages to you/,
    );
    expect(await reports()).toEqual([]);
    await chat.asks(`report ${network} ${chat.name} yes`, /was reported/);
    expect(JSON.stringify(await reports())).toContain("send me money, canary-6d");
  });

  test("a safety number is the one on the phone, with a picture of it", async () => {
    const picture = here.ana.client.next("the picture", ({ roomId, content }) => {
      return roomId === here.ana.management && content["msgtype"] === "m.image";
    });
    const shown = await chat.asks(`verify ${network} ${chat.name}`, /safety number with/);
    const digits = /\n([\d \n]+)\n/.exec(shown)?.[1]?.replaceAll(/\D/g, "") ?? "";
    expect(digits).toBe(await chat.phone.safety(here.ana.userId));
    const { content } = await picture;
    const { bytes } = await here.viewer.download(content["url"]);
    expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  });

  test("to a verified contact with a new number nothing is sent until the person agrees", async () => {
    await chat.asks(`verified ${network} ${chat.name}`, /is verified/);
    const before = await chat.phone.safety(here.ana.userId);
    await chat.phone.does("reinstalls");
    await chat.does("says", { text: "a new phone" });
    await chat.notice(/safety number changed.*nothing is sent/s);
    await chat.text("a new phone");
    await chat.notice(/another one than you verified/, await chat.say("is it you?"));
    expect(await chat.asks(`verify ${network} ${chat.name}`, /safety number with/)).toMatch(/changed since/);
    expect(await chat.phone.safety(here.ana.userId)).not.toBe(before);
    await chat.asks(`unverified ${network} ${chat.name}`, /not verified/);
    await chat.said("it is you");
    const { items } = await chat.phone.inbox();
    expect(items.filter(({ text }) => text === "is it you?")).toEqual([]);
  });

  test("to one who was not verified the change is told, and writing goes on", async () => {
    await chat.phone.does("reinstalls");
    await chat.does("says", { text: "yet another phone" });
    await chat.notice(/safety number changed.*by another way/s);
    await chat.stillWorks();
  });
});
