import { beforeAll } from "@jest/globals";
import { askBot } from "../../../tools/demo/opt-in.ts";
import type { SignalPhone } from "../../../tools/signal-mock/client.ts";
import { readQr } from "../../../tools/signal-mock/read-qr.ts";
import { onSynapse, type ViewedPerson, viewedPerson } from "../on-synapse.ts";
import { OpenChat } from "../open-chat.ts";
import type { TestWorld } from "../world.ts";

type SignalChat = OpenChat<SignalPhone>;

/** Somebody of ours whose Signal account the bridge is linked to. */
export interface LinkedPerson extends ViewedPerson {
  /** Their own phone. */
  readonly own: SignalPhone;
  /** A contact of this name writes to them, and they get a room for it. */
  contact(name: string): Promise<SignalChat>;
}

/** The QR code's text in the newest picture that the bot sent, and no other message took away. */
async function shownCode(world: TestWorld, person: ViewedPerson): Promise<string> {
  const picture = await person.viewer.event(
    person.management,
    "a QR code",
    ({ content, sender, redacted }) =>
      content["msgtype"] === "m.image" &&
      String(content["body"]).includes("Scan this code") &&
      sender === world.botId &&
      !redacted,
  );
  return readQr((await person.viewer.download(picture.content["url"])).bytes);
}

/** Links the bridge to the phone as a person does: the bot's notice, yes, and its code scanned. Answers its last words. */
export async function linkByBot(world: TestWorld, person: ViewedPerson, phone: SignalPhone): Promise<string> {
  const asks = (text: string, answer: RegExp): Promise<string> =>
    askBot(person.client, world.botId, person.management, text, answer);
  await asks("enable signal", /\byes\b/i);
  const isEnd = /Signal is on and connected/;
  const isOn = person.client.next("that Signal is on", ({ roomId, content }) => {
    return roomId === person.management && isEnd.test(String(content["body"]));
  });
  await person.client.say(person.management, "yes");
  await phone.scans(await shownCode(world, person));
  return String((await isOn).content["body"]);
}

/** Registers a person and links their account. */
export async function linkedPerson(world: TestWorld, name: string): Promise<LinkedPerson> {
  const person = await viewedPerson(world, name, []);
  const own = await world.world.signalControl.person(`${name} Eigen`);
  await linkByBot(world, person, own);
  return {
    ...person,
    own,
    async contact(contact) {
      const phone = await world.world.signalControl.person(contact);
      const { viewer } = person;
      return OpenChat.with({ world, person, viewer, phone, self: own.aci, name: contact });
    },
  };
}

interface OnSignalOptions {
  readonly secrets: readonly string[];
  readonly puppets?: boolean;
}

export interface OnSignal extends Pick<LinkedPerson, "viewer" | "own" | "contact"> {
  readonly world: TestWorld;
  readonly ana: LinkedPerson;
}

/** Real Synapse, Signal's mock server and bridge, with Ana, whose account is linked, for all tests of the file. */
export function anaOnSignal(options: OnSignalOptions): OnSignal {
  const on = onSynapse({ ...options, signal: true });
  let ana: LinkedPerson | undefined;
  const linked = (): LinkedPerson => {
    if (ana === undefined) throw new Error("Ana is there once the tests begin");
    return ana;
  };
  beforeAll(async () => {
    ana = await linkedPerson(on.world, "Ana");
  });
  return {
    get world() {
      return on.world;
    },
    get ana() {
      return linked();
    },
    get viewer() {
      return linked().viewer;
    },
    get own() {
      return linked().own;
    },
    contact: (name) => linked().contact(name),
  };
}
