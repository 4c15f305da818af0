import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { qrCode } from "../../src/media/qr-code.ts";
import { askBot } from "../../tools/demo/opt-in.ts";
import { LinkedBridge } from "../kit/linked-bridge.ts";
import { RIGHT_CODE } from "../kit/linked-network.ts";
import { onSynapse, viewedPerson } from "../kit/on-synapse.ts";
import type { OtherClient, ShownEvent } from "../kit/other-client.ts";
import type { TestPerson } from "../kit/world.ts";

let bridge: LinkedBridge;

// Before the world it is in ends.
afterAll(() => bridge[Symbol.asyncDispose]());
const here = onSynapse({ secrets: [RIGHT_CODE, "quill://link"] });
beforeAll(async () => {
  bridge = new LinkedBridge(here.world);
  await bridge.start();
});

const asks = (person: TestPerson, text: string, answer: RegExp): Promise<string> =>
  askBot(person.client, here.world.botId, person.management, text, answer);

const isPicture = ({ content, sender }: ShownEvent): boolean =>
  content["msgtype"] === "m.image" && sender === here.world.botId;

/** The codes that somebody's other client shows, as long as nothing took them away. */
function codes(person: TestPerson & { readonly viewer: OtherClient }, what: string, count: number) {
  return person.viewer.room(person.management, what, ({ events }) => {
    const shown = events.filter(isPicture);
    return shown.length === count && shown;
  });
}

const body = ({ content }: ShownEvent): string => String(content["body"]);

describe("logging in on a real homeserver", () => {
  test("a code is a picture that is replaced when it expires, and redacted when it was scanned", async () => {
    const nora = await viewedPerson(here.world, "Nora", []);
    const { quill } = bridge;
    quill.codeTime = 5_000;
    await asks(nora, "enable quill qr", /Quill learns when you write/);
    await nora.client.say(nora.management, "yes");
    const [first] = await codes(nora, "the first code", 1);
    if (!first) throw new Error("no code");
    expect(body(first)).toContain("Scan this with Quill on your phone.");
    const { bytes } = await nora.viewer.download(first.content["url"]);
    const drawn = await qrCode(new TextEncoder().encode(quill.codes[0] ?? ""));
    expect(bytes.equals(drawn.png)).toBe(true);
    await nora.viewer.event(
      nora.management,
      "the first code gone",
      ({ id, redacted }) => id === first.id && redacted,
    );
    const [second, ...others] = await codes(nora, "the second code", 1);
    expect(others).toEqual([]);
    expect(second?.id).not.toBe(first.id);
    const on = nora.viewer.event(nora.management, "the end", (event) =>
      /Quill is on and connected/.test(body(event)),
    );
    quill.scan("+31611");
    expect(body(await on)).toContain("Your contacts see you as +31611.");
    await nora.viewer.event(
      nora.management,
      "the second code gone",
      ({ id, redacted }) => id === second?.id && redacted,
    );
    await codes(nora, "no code", 0);
  });

  test("a number and a code are typed, what is wrong is said, and the code is redacted", async () => {
    const olga = await viewedPerson(here.world, "Olga", []);
    await asks(olga, "enable quill phone", /Quill learns/);
    await asks(olga, "yes", /your phone number with country code/);
    await asks(olga, "0612", /That is not a phone number/);
    await asks(olga, "+31 6 22222222", /A code was sent to \+31622222222/);
    await asks(olga, "111111", /That code is not right/);
    const answered = asks(olga, RIGHT_CODE, /Quill is on and connected/);
    expect(await answered).toContain("Your contacts see you as +31622222222.");
    await olga.viewer.room(olga.management, "no code in the room", ({ events }) => {
      const own = events.filter(({ sender, type }) => sender === olga.userId && type === "m.room.message");
      return (
        own.filter(({ redacted }) => redacted).length === 2 &&
        !own.some((event) => body(event) === RIGHT_CODE)
      );
    });
    await asks(olga, "status", /Quill: on and connected; your contacts see you as \+31622222222/);
  });

  test("a restart in the middle is told, and cancel ends what is begun again", async () => {
    const pia = await viewedPerson(here.world, "Pia", []);
    bridge.quill.codeTime = 60_000;
    await asks(pia, "enable quill qr", /Quill learns/);
    await pia.client.say(pia.management, "yes");
    await codes(pia, "a code", 1);
    const told = pia.viewer.event(pia.management, "the news", (event) =>
      /has to be begun again/.test(body(event)),
    );
    await bridge.stop();
    await bridge.start();
    expect(body(await told)).toContain("write “enable quill”");
    await codes(pia, "no code after the restart", 0);
    await asks(pia, "enable quill qr", /Quill learns/);
    await pia.client.say(pia.management, "yes");
    await codes(pia, "another code", 1);
    await asks(pia, "cancel", /That was ended, and nothing was turned on/);
    await codes(pia, "no code after the end", 0);
    await asks(pia, "status", /Nothing is turned on for you/);
  });

  test("nothing that logs somebody in was logged", () => {
    const secrets = [RIGHT_CODE, "canary-", "quill://", "+31611", "22222222"];
    expect(bridge.lines.length).toBeGreaterThan(10);
    expect(bridge.lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
  });
});
