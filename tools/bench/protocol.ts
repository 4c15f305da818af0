import type { FakeRegistration } from "../../test/kit/fake-homeserver.ts";

/** What the bench asks of the homeserver's process. Times are milliseconds since the epoch, with fractions. */
export interface Calls {
  /** Registers the bridge, and the person who uses it. */
  use(registration: FakeRegistration, person: string): undefined;
  /** The person has a client that encrypts, and so many other devices that keys are given to. */
  encrypts(bot: string, others: number): undefined;
  /** How many of the newest messages of contacts the person's client cannot read. */
  unread(newest: number): number;
  /** The person opens a direct chat with the bot; answers the room. */
  openChat(bot: string): string;
  /** The person writes; answers the time. */
  say(room: string, text: string): number;
  /** Rooms of contacts the person is in, in the order they came. */
  portals(): readonly string[];
  /** Waits until so many are in a room. */
  present(room: string, count: number): undefined;
  /** Begins to count messages anew. */
  mark(): undefined;
  /** Waits until so many messages of contacts have come since `mark`. */
  heard(count: number): HeardMessages;
  /** Waits for a message of the bot in a room that contains the text. */
  told(room: string, text: string): undefined;
  /**
   * The person writes so many messages, over these rooms in turn, encrypted before the time begins; waits until the
   * bridge has taken all.
   */
  flood(count: number, rooms: readonly string[]): { readonly from: number; readonly taken: number };
}

interface HeardMessages {
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

export type Call = {
  readonly [Name in keyof Calls]: readonly [Name, ...Parameters<Calls[Name]>];
}[keyof Calls];

export interface Ask {
  readonly id: number;
  readonly call: Call;
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Comparable between processes of one machine. */
export const clock = (): number => performance.timeOrigin + performance.now();
