import type { LoginId, UserId } from "../model/ids.ts";
import type { Writes } from "./store.ts";

/** A way to log in at a network: a conversation of steps. It survives neither a restart nor the end of its process. */
export interface LoginFlow {
  /** Short and lower-case, as people type it: `qr`. */
  readonly id: string;
  /** What one does, to follow “to”: `scan a QR code`. */
  readonly name: string;
  /** What may be said along with the yes to its notice, as help shows it. */
  readonly beside?: string;
  /** The first step. Throws BridgeError with words for the person. */
  begin(request: LoginRequest): Promise<LoginStep>;
}

export interface LoginRequest {
  readonly user: UserId;
  /** The id the login will have. */
  readonly login: LoginId;
  /** The person's logins go on, and are only asked to agree to a newer notice: the flow ends with `kept`. */
  readonly again: boolean;
  /** Aborts when the conversation ends, however it ends: what the flow holds is let go. */
  readonly signal: AbortSignal;
}

/**
 * Where a conversation stands. What a step is answered with, and what comes next, is the step's own function; where it
 * rejects with a BridgeError, its words are for the person. A `notice` or `fields` then stays open for another answer;
 * after a `display` or `wait` the conversation has failed.
 */
export type LoginStep = NoticeStep | FieldsStep | DisplayStep | WaitStep | DoneStep | KeptStep | FailedStep;

/** Something a person must have read and said yes to. */
export interface NoticeStep {
  readonly kind: "notice";
  /** A change of substance takes a new one. It is kept with the login. */
  readonly version: number;
  /** Plain text. */
  readonly paragraphs: readonly string[];
  /** What the yes says, to follow “Write yes if”: `you agree`. */
  readonly agreement: string;
  /** What may be said along with the yes. */
  readonly beside?: Pick<LoginField, "name" | "example">;
  agree(beside: string | undefined): Promise<LoginStep>;
}

/** Something a person must type. */
export interface FieldsStep {
  readonly kind: "fields";
  /** A sentence: what is asked, or what was wrong with the answer before. */
  readonly words: string;
  /** At least one. */
  readonly fields: readonly LoginField[];
  /** By the fields' ids; each has passed its field's check. */
  fill(values: Readonly<Record<string, string>>): Promise<LoginStep>;
}

export interface LoginField {
  readonly id: string;
  readonly kind: "text" | "phone" | "email" | "code" | "password";
  /** As it is asked for: `your phone number with country code`. */
  readonly name: string;
  readonly example?: string;
  /** Nobody may read it afterwards: it is in no log, and taken out of the room where that can be done. */
  readonly secret: boolean;
  /** What was typed in the form the flow takes, or words for what is wrong with it. */
  check(typed: string): { readonly value: string } | { readonly wrong: string };
}

/** Something to be used in another place, while the network waits for it. */
export interface DisplayStep {
  readonly kind: "display";
  readonly what:
    | { readonly kind: "qr"; readonly data: string }
    | { readonly kind: "link"; readonly url: string }
    | { readonly kind: "code"; readonly code: string };
  /** A sentence: what to do with it. */
  readonly words: string;
  /** Milliseconds since the epoch. By then {@link next} has another display, or the end. */
  readonly expiresAt: number;
  /** Asked at once; resolves when it was used, or is no longer good. */
  next(): Promise<LoginStep>;
}

/** The network takes its time. */
export interface WaitStep {
  readonly kind: "wait";
  /** A sentence: what is waited for. */
  readonly words: string;
  /** Asked at once. */
  next(): Promise<LoginStep>;
}

export interface DoneStep {
  readonly kind: "done";
  /** What contacts see as this person's address. */
  readonly visibleId: string;
  /** The connector's own JSON, kept in the login. */
  readonly account: string;
  /** The person's login, on this network, of the same account: it takes this one's place, and its chats go on. */
  readonly continues?: LoginId;
  /** What else must be in the store when the login is. */
  record(tx: Writes): void;
}

/** The logins that there are go on; see {@link LoginRequest.again}. */
export interface KeptStep {
  readonly kind: "kept";
}

interface FailedStep {
  readonly kind: "failed";
  /** A sentence or two: what happened, and what to do about it. */
  readonly words: string;
}

/** What a family asks of a person whatever the network, and they may change: where they live, for instance. */
export interface PersonSetting {
  /** The command that shows and changes it. */
  readonly name: string;
  /** What follows the command, as help shows it. */
  readonly usage: string;
  readonly summary: string;
  /** A sentence or two: what it is, and how to change it. */
  shown(user: UserId): Promise<string>;
  /** Answers in words. Throws BridgeError where what was typed means nothing. */
  change(user: UserId, typed: string): Promise<string>;
}
