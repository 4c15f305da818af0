/** What the demo's server and its page tell each other. */

export const partNames = ["homeserver", "bridge", "gatekeeper"] as const;
export type PartName = (typeof partNames)[number];

/** `starting`: not up yet; `away`: it was up, and does not answer now. */
type PartState = "starting" | "up" | "away";

/** One of the demo's people on the homeserver. */
export interface DemoPerson {
  readonly localpart: string;
  readonly userId: string;
  readonly name: string;
  /** The networks that are on for them now. */
  readonly networks: readonly string[];
  /** The id of their Signal account. */
  readonly signal: string;
}

/** Somebody whose phone can be played. */
export interface DemoPhone {
  readonly person: string;
  readonly name: string;
  readonly network: string;
  /** The bridge's id of the chat with them. */
  readonly jid: string;
  readonly online: boolean;
  /** Where the page is on which it is played. */
  readonly origin: string;
}

/** The answer to `GET /state`. */
export interface DemoView {
  readonly homeserver: string;
  /** Where the phones' page is: the sandbox, and Signal's mock server. */
  readonly origins: readonly string[];
  readonly botId: string;
  /** Whether everybody is registered and one can log in. */
  readonly ready: boolean;
  /** What is being prepared, in words, until it is ready. */
  readonly step: string;
  readonly parts: Readonly<Record<PartName, PartState>>;
  readonly people: readonly DemoPerson[];
  readonly phones: readonly DemoPhone[];
}

/** The answer to `POST /session`. */
export interface DemoLogin {
  readonly userId: string;
  readonly accessToken: string;
  readonly deviceId: string;
}
