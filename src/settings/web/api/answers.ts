/** What the page uses of the provisioning API's answers; the bridge's own description has all of it. */

export type StateEvent =
  | "CONNECTING"
  | "CONNECTED"
  | "TRANSIENT_DISCONNECT"
  | "BAD_CREDENTIALS"
  | "UNKNOWN_ERROR"
  | "LOGGED_OUT";

interface BridgeState {
  readonly state_event: StateEvent;
  readonly timestamp: number;
  readonly message?: string;
}

export interface Whoami {
  readonly homeserver: string;
  readonly bridge_bot: string;
  readonly management_room?: string;
}

interface NoticeWords {
  readonly summary?: readonly string[];
  readonly paragraphs: readonly string[];
  readonly agreement: string;
}

interface Notice extends NoticeWords {
  readonly version: number;
  /** By languages' codes. */
  readonly translations?: Readonly<Record<string, NoticeWords>>;
}

export interface LoginFlow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly network_id: string;
  readonly notice?: Notice;
}

export interface Account {
  readonly login_id: string;
  readonly visible_id: string;
  readonly state: BridgeState;
  readonly consent: { readonly version: number; readonly at: number; readonly outdated: boolean };
  readonly chats: number;
  readonly lost: number;
}

export interface NetworkCard {
  readonly id: string;
  readonly name: string;
  readonly colour: string;
  readonly addressing: string;
  readonly audience?: string;
  /** An account is a device of one that the person uses in the network's own app too. */
  readonly own_app: boolean;
  readonly several: boolean;
  readonly can_log_in: boolean;
  readonly login_flows: readonly LoginFlow[];
  readonly accounts: readonly Account[];
}

export interface LoginField {
  readonly type: "username" | "phone_number" | "email" | "2fa_code" | "password" | "select";
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly options?: readonly string[];
  readonly required: boolean;
}

interface StepBase {
  /** Of the process. */
  readonly login_id: string;
  readonly step_id: string;
  readonly instructions: string;
  readonly network_id: string;
}

export interface InputStep extends StepBase {
  readonly type: "user_input";
  readonly user_input: { readonly fields: readonly LoginField[] };
  readonly problem?: { readonly words: string; readonly field?: string };
  readonly notice?: Notice;
}

export interface DisplayStep extends StepBase {
  readonly type: "display_and_wait";
  readonly display_and_wait: {
    readonly type: "qr" | "code" | "nothing";
    readonly data?: string;
    readonly url?: string;
    readonly expires_at?: number;
  };
}

interface CompleteStep extends StepBase {
  readonly type: "complete";
  readonly complete: { readonly user_login_id: string };
}

export type LoginStep = InputStep | DisplayStep | CompleteStep;

type Trust = "unverified" | "verified" | "changed";

export interface Resolved {
  readonly id: string;
  readonly name?: string;
  readonly identifiers?: readonly string[];
  readonly mxid?: string;
  readonly dm_room_mxid?: string;
  readonly login_id: string;
  readonly network_id: string;
  readonly reachability: { readonly state: string; readonly words: string };
  readonly contact?: {
    readonly blocked: boolean;
    readonly muted: boolean;
    readonly trust: Trust;
    /** They write for the first time, and wait for an answer. */
    readonly request?: boolean;
    /** Their first chat was declined, and none was begun since. */
    readonly declined?: boolean;
    /** Until then the chat notifies of nothing; milliseconds since the epoch. */
    readonly quiet_until?: number;
    readonly failed: number;
    readonly can: {
      readonly block: boolean;
      readonly verify: boolean;
      readonly report: boolean;
      readonly quiet: boolean;
    };
  };
}

/** A group that the person is in or, with `request`, invited to. */
export interface Group {
  readonly id: string;
  readonly name: string;
  readonly mxid?: string;
  readonly members: number;
  readonly login_id: string;
  readonly network_id: string;
  readonly request: boolean;
  /** Why nothing can be written there now, a sentence. */
  readonly closed?: string;
}

/** A chat of the person's; without a login it is the one with the bot. */
export interface EncryptableChat {
  readonly room: string;
  readonly name: string;
  readonly login_id?: string;
  readonly network_id?: string;
  readonly encrypted: boolean;
  readonly can: boolean;
}

export interface Encryption {
  readonly available: boolean;
  readonly bot: string;
  /** In groups of four. */
  readonly bot_key?: string;
  readonly chats: readonly EncryptableChat[];
}

export interface Setting {
  readonly name: string;
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly words: string;
}

export interface FailedChat {
  readonly login_id: string;
  readonly network_id: string;
  readonly chat: string;
  readonly name: string;
  readonly room?: string;
  readonly messages: readonly {
    readonly event_id: string;
    readonly at: number;
    /** Why, a sentence or two. */
    readonly words?: string;
  }[];
}

export interface SafetyNumber {
  readonly digits: string;
  readonly trust: Trust;
  /** The code as a PNG in base64. */
  readonly picture?: string;
}

/** What a report of a contact would hand over. */
export interface Report {
  readonly network_name: string;
  readonly messages: readonly { readonly id: string; readonly at: number; readonly text: string }[];
}
