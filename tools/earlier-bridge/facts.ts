/** What the script that made the folder knew of it. */
export interface Facts {
  /** Of the bridge. */
  readonly commit: string;
  /** Milliseconds since the epoch. */
  readonly killedAt: number;
  /** Ana's room with the bot. */
  readonly management: string;
  readonly contacts: Readonly<Record<ContactName, Contact>>;
  /** SHA-256 in hex of the file Ana sent and Fred was told of, the one she sent last, and the one Fred sent. */
  readonly files: {
    readonly sent: { readonly id: string; readonly sha256: string };
    readonly sending: string;
    readonly arriving: string;
  };
  /** Ids of messages that have not come: an edit, and a reaction, wait for them. */
  readonly parked: { readonly edited: string; readonly reacted: string };
}

export type ContactName = "Wim" | "Bea" | "Carla" | "Fred" | "Nel" | "Otto" | "Mia" | "Gerrit";

interface Contact {
  readonly network: "whatsapp" | "messenger";
  readonly person: string;
  readonly externalId: string;
  readonly jid: string;
  /** Absent where it is being made. */
  readonly room?: string;
}
