import type { ChatId, LoginId } from "../../core/model/ids.ts";
import type { FamilyKey } from "../../core/ports/family-store.ts";

/** After how many seconds a chat's messages disappear, 0 where they stay. */
export interface ExpireTimer {
  readonly seconds: number;
  /** Counts the changes; the higher of two is the later. */
  readonly version: number;
}

export interface SignalFamilyReads {
  timer(login: LoginId, chat: ChatId): Promise<ExpireTimer | undefined>;
}

export interface SignalFamilyWrites {
  setTimer(login: LoginId, chat: ChatId, timer: ExpireTimer): void;
}

/** Signal's own tables, committed with everything else. */
export const signalFamily: FamilyKey<SignalFamilyReads, SignalFamilyWrites> = { family: "signal" };
