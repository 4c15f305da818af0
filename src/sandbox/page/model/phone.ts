/** An item of a phone's journal, as the control API answers it: what came, and what the person did (`own`). */
export interface PhoneItem {
  readonly seq: number;
  /** Of the message; for a receipt the message it is for. */
  readonly id: string;
  readonly kind: string;
  readonly own?: true;
  readonly from: string;
  readonly from_name: string;
  /** Visible id of the integrator's user, or the group. */
  readonly chat: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly repeat?: true;
  readonly target?: string;
  readonly text?: string;
  readonly emoji?: string;
  readonly on?: boolean;
  readonly voice?: boolean;
  readonly receipt?: "delivered" | "read" | "played";
  readonly caption?: string;
  readonly media?: PhoneMedia;
  readonly seconds?: number;
  /** 0 to 100 each. */
  readonly waveform?: readonly number[];
  readonly width?: number;
  readonly height?: number;
  readonly name?: string;
  readonly address?: string;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly contacts?: readonly { readonly name: string; readonly vcard: string }[];
  /** The kind of a message that has no item of its own: `poll`, `sticker`, … */
  readonly what?: string;
  /** Whose message it is about, where that is not the writer's own. */
  readonly target_from?: string;
  /** What was changed of a group. */
  readonly change?: string;
  readonly members?: readonly string[];
  readonly member_names?: readonly string[];
}

/** Whether a chat is a group. */
export const isGroupChat = (chat: string): boolean => chat.endsWith("@g.us");

export interface GroupMember {
  /** Visible id. */
  readonly id: string;
  readonly name: string;
  readonly part: "member" | "admin" | "superadmin";
}

/** A group that the phone's person is in. */
export interface Group {
  readonly group: string;
  readonly name: string;
  readonly description: string;
  /** The id of its picture; null where it has none. */
  readonly picture: string | null;
  readonly writes: "admins" | "all";
  readonly changes: "admins" | "all";
  readonly members: readonly GroupMember[];
}

interface PhoneMedia {
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly mimetype: string;
  readonly name?: string;
}

/** A message as a bubble shows it: its item, and what came about it later. */
export interface Message {
  readonly item: PhoneItem;
  /** The words of the last edit. */
  edited?: string;
  deleted?: true;
  /** How far the person's own message got. */
  tick?: "delivered" | "read" | "played";
  /** How the person marked what came. */
  marked?: "read" | "played";
  /** The person's own reaction, and the other side's. */
  mine?: string;
  theirs?: string;
  /** In a group: reactions by the member's visible id. */
  reactions?: Record<string, string>;
}

export interface Chat {
  readonly with: string;
  name: string;
  /** `at` of the last message. */
  last: number;
  typing?: { readonly voice: boolean; readonly at: number; readonly name?: string };
  readonly messages: Message[];
  /** Edits, reactions and so on whose message has not come yet. */
  readonly waiting: PhoneItem[];
}

export type Unreachable = "off" | "app" | "ended";

/** Somebody on a third-party app. */
export interface Contact {
  /** Visible id. */
  readonly id: string;
  readonly name: string | null;
  readonly app: number;
  /** Why the two cannot write to each other; null when they can. */
  readonly unreachable: Unreachable | null;
  readonly blocked: boolean;
  readonly connected: boolean;
}

export interface PersonSettings {
  readonly person: string;
  readonly network: "whatsapp" | "messenger" | "signal";
  readonly name: string;
  readonly external_id: string;
  readonly phone: string | null;
  readonly username: string | null;
  readonly optedIn: boolean;
  readonly apps: readonly number[];
  readonly online: boolean;
  readonly inbox: "separate" | "combined";
  readonly left: boolean;
  /** The id of their picture, another one for another picture; null where they have none. */
  readonly picture: string | null;
  /** How many devices are linked to the account, where a network has that. */
  readonly devices?: number;
}

/** Whether the phone's network has third-party chats. On Signal the bridge is a device of a person like everybody. */
export const hasThirdPartyChats = (network: PersonSettings["network"]): boolean => network !== "signal";

/** Everything on a phone but its messages. */
export interface PhoneSettings {
  readonly me: PersonSettings;
  readonly features: Readonly<Record<string, boolean>>;
  readonly media: Readonly<Record<string, { readonly size: number; readonly mimetypes: readonly string[] }>>;
  readonly ended: boolean;
  readonly apps: readonly { readonly id: number; readonly name: string; readonly status: string }[];
  readonly contacts: readonly Contact[];
  /** Absent where the page shows none of a network. */
  readonly groups?: readonly Group[];
  /** Everybody whose phone can be played. */
  readonly people: readonly PersonSettings[];
}

/** `GET …/people/{person}/phone`: the events after `seq` carry on from it. */
export interface PhoneState extends PhoneSettings {
  readonly chats: readonly Chat[];
  /** To ask for the events after this state. */
  readonly after: string;
  /** The journal is longer than what is told here. */
  readonly cut: boolean;
}
