import type { LoginId, UserId } from "../model/ids.ts";
import type { Writes } from "./store.ts";

/** A way to log in to a network, as a sequence of steps. It does not survive a restart or the end of its process. */
export interface LoginFlow {
  /** Short and lower-case, as people type it: `qr`. */
  readonly id: string;
  /** What the person does, to follow “to”: `scan a QR code`. */
  readonly name: string;
  /** What may follow the yes to its notice, as help shows it. */
  readonly beside?: string;
  /** What its first step asks to be agreed to, where that is the same for everybody. */
  readonly notice?: NoticeText & Pick<NoticeStep, "agreement">;
  /** The first step. Throws BridgeError with words for the person. */
  begin(request: LoginRequest): Promise<LoginStep>;
}

export interface LoginRequest {
  readonly user: UserId;
  /** The id of the login to be made. */
  readonly login: LoginId;
  /**
   * Whether the person's logins go on, and the person only agrees to a newer notice: the flow then ends with `kept`.
   */
  readonly again: boolean;
  /** Aborts when the process ends in any way, so that the flow releases what it holds. */
  readonly signal: AbortSignal;
}

/**
 * The state of a login process. A step's own function takes its answer and returns the next step; where it rejects with
 * a BridgeError, the error's words are for the person. A `notice` or `fields` then stays open for another answer; after
 * a `display` or `wait` the process has failed.
 */
export type LoginStep = NoticeStep | FieldsStep | DisplayStep | WaitStep | DoneStep | KeptStep | FailedStep;

/** A text that the person must read and agree to. */
export interface NoticeText {
  /** The version; a change of substance takes a new one. It is stored with the login. */
  readonly version: number;
  /**
   * What matters most of the paragraphs, in at most three lines of plain text. They may be shown first, with the
   * paragraphs one act away; what is agreed to are the paragraphs. Absent where those are short.
   */
  readonly summary?: readonly string[];
  /** The whole, in plain text. */
  readonly paragraphs: readonly string[];
  /** All that a person reads of it, in other languages by their codes: `de`. */
  readonly translations?: Readonly<Record<string, NoticeWords>>;
}

/** The words of a notice in another language; as {@link NoticeText} and {@link NoticeStep} have them in English. */
export interface NoticeWords {
  readonly summary?: readonly string[];
  readonly paragraphs: readonly string[];
  readonly agreement: string;
}

export interface NoticeStep extends NoticeText {
  readonly kind: "notice";
  /** What the yes means, to follow “Write yes if”: `you agree`. */
  readonly agreement: string;
  /** What may follow the yes. */
  readonly beside?: Pick<LoginField, "name" | "example">;
  agree(beside: string | undefined): Promise<LoginStep>;
}

/** Values that the person must type. */
export interface FieldsStep {
  readonly kind: "fields";
  /** A sentence: what is asked for, or what was wrong with the last answer. */
  readonly words: string;
  /** At least one. */
  readonly fields: readonly LoginField[];
  /** Takes the values by the fields' ids; each has passed its field's check. */
  fill(values: Readonly<Record<string, string>>): Promise<LoginStep>;
}

export interface LoginField {
  readonly id: string;
  readonly kind: "text" | "phone" | "email" | "code" | "password";
  /** What is asked for: `your phone number with country code`. */
  readonly name: string;
  readonly example?: string;
  /** Whether it is secret: it is never logged, and its message is redacted where possible. */
  readonly secret: boolean;
  /** The typed value in the form that the flow takes, or words for what is wrong with it. */
  check(typed: string): { readonly value: string } | { readonly wrong: string };
}

/** Something that the person uses elsewhere, while the network waits for it. */
export interface DisplayStep {
  readonly kind: "display";
  readonly what:
    | { readonly kind: "qr"; readonly data: string }
    | { readonly kind: "link"; readonly url: string }
    | { readonly kind: "code"; readonly code: string };
  /** A sentence: what to do with it. */
  readonly words: string;
  /** Milliseconds since the epoch, by when {@link next} has another step. */
  readonly expiresAt: number;
  /** Called at once; resolves when the display was used or is no longer valid. */
  next(): Promise<LoginStep>;
}

/** The network takes some time. */
export interface WaitStep {
  readonly kind: "wait";
  /** A sentence: what the person waits for. */
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
  /**
   * The person's existing login of the same account on this network, which goes on with its chats in place of the new
   * one.
   */
  readonly continues?: LoginId;
  /** Writes what is committed together with the login. */
  record(tx: Writes): void;
}

/** The existing logins go on; see {@link LoginRequest.again}. */
export interface KeptStep {
  readonly kind: "kept";
}

interface FailedStep {
  readonly kind: "failed";
  /** A sentence or two: what happened, and what to do about it. */
  readonly words: string;
}

/** A setting that a family of networks asks of a person, such as the country they live in. */
export interface PersonSetting {
  /** The command that shows and changes it. */
  readonly name: string;
  /** What follows the command, as help shows it. */
  readonly usage: string;
  /** Something of that kind: `NL`. */
  readonly example?: string;
  readonly summary: string;
  /** A sentence or two: what it is, and how to change it. */
  shown(user: UserId): Promise<string>;
  /** Answers in words. Throws BridgeError where what was typed means nothing. */
  change(user: UserId, typed: string): Promise<string>;
}
