import type { MatrixClient } from "../matrix/client.ts";
import type { RoomEvent } from "../matrix/sync-response.ts";
import type { Phone } from "../sandbox/control.ts";
import type { Screen } from "./screen.ts";
import type { Shown } from "./shown.ts";

export interface Pair {
  readonly phone: Phone;
  /** The names of contact and network, to be shown. */
  readonly contact: string;
  readonly network: string;
  /** Whom the phone writes to: the person's name at the network. */
  readonly to: string;
  readonly client: MatrixClient;
  readonly person: string;
  readonly shown: Shown;
}

/** A line of a conversation: who writes, and what; the person may write HTML. */
type Line = { readonly from: "contact" | "person"; readonly text: string; readonly html?: string };

export const lines = {
  whatsapp: [
    { from: "contact", text: "Hi Ana! I turned on third-party chats, so you can reach me here." },
    { from: "person", text: "It works, from my own server: hello Wim!" },
    { from: "contact", text: "Dinner on *Saturday*? _Eight_ o'clock." },
    {
      from: "person",
      text: "Gladly. **Eight** it is: https://example.org/map",
      html: 'Gladly. <strong>Eight</strong> it is: <a href="https://example.org/map">https://example.org/map</a>',
    },
  ],
  messenger: [
    { from: "contact", text: "Ciao Ana, Mara here, on Messenger." },
    { from: "person", text: "Ciao Mara! Two networks, one inbox." },
    { from: "contact", text: "And nothing to install on my side 🎉" },
    { from: "person", text: "Nor on mine." },
  ],
  signal: [
    { from: "contact", text: "Hoi Ana, Sanne here, on Signal." },
    { from: "person", text: "Hoi Sanne! You are in the same inbox as Wim and Mara." },
    { from: "contact", text: "And your phone has it too?" },
    { from: "person", text: "Yes: for Signal this is one more of my devices." },
  ],
} as const satisfies Record<string, readonly Line[]>;

const letters = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, "");

/** Has both sides write their lines in order; answers how many arrived. Watchers show them. */
export async function converse(pair: Pair, script: readonly Line[], screen: Screen): Promise<number> {
  let room: string | undefined;
  let arrived = 0;
  for (const line of script) {
    const started = performance.now();
    try {
      room =
        line.from === "contact"
          ? await fromContact(pair, line.text, screen)
          : await fromPerson(pair, room, line, screen);
      arrived += 1;
      screen.step(`arrived after ${Math.round(performance.now() - started)} ms`);
    } catch (error) {
      screen.problem(error instanceof Error ? error.message : String(error));
    }
  }
  return arrived;
}

/** The contact writes a line; answers the room in which it arrived. */
async function fromContact(
  { phone, contact, network, to, client, shown: all }: Pair,
  text: string,
  screen: Screen,
): Promise<string> {
  const shown = client.next(
    `“${text}” in Matrix`,
    (event: RoomEvent) =>
      event.type === "m.room.message" &&
      event.sender !== client.userId &&
      letters(String(event.content["body"])) === letters(text),
  );
  screen.message(`${contact}, ${network} ›`, "green", text);
  await phone.says(to, text, all.expect(shown));
  return (await shown).roomId;
}

async function fromPerson(pair: Pair, room: string | undefined, line: Line, screen: Screen): Promise<string> {
  const { phone, client, person } = pair;
  if (room === undefined) throw new Error(`There is no room to answer ${pair.contact} in`);
  const { next } = await phone.inbox();
  screen.message(`${person}, Matrix ›`, "cyan", line.text);
  await client.send(room, "m.room.message", {
    msgtype: "m.text",
    body: line.text,
    ...(line.html === undefined ? {} : { format: "org.matrix.custom.html", formatted_body: line.html }),
  });
  const matches = (text: string | undefined): boolean =>
    text !== undefined && letters(text) === letters(line.text);
  await phone.shows(`“${line.text}”`, (item) => item.kind === "text" && matches(item.text), { since: next });
  return room;
}
