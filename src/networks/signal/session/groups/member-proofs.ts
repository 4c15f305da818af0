import type { ServerPublicParams } from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import type { PersonId } from "../../../../core/model/ids.ts";
import type { GroupCipher } from "../../groups/group-cipher.ts";
import { isNumberOnly, serviceIdOf } from "../../ids.ts";
import type { LoginContext } from "../../login-context.ts";
import { signalFamily } from "../../records.ts";
import { presentProfileKey } from "../../service/profile-credentials.ts";
import { failureOf } from "../../service/send-failures.ts";
import { serviceFailure } from "../../service/service-errors.ts";

/**
 * Proves that somebody's profile key is theirs, by which they are a member at once; undefined where it is not known, or
 * not theirs any more: then they can be invited. Throws BridgeError.
 */
export type MemberProof = (person: PersonId, cipher: GroupCipher) => Promise<Uint8Array | undefined>;

type Context = Pick<LoginContext, "store" | "login" | "own" | "account" | "clock" | "chat">;

export const memberProofs =
  (context: Context, zkParams: ServerPublicParams): MemberProof =>
  async (person, { secret }) => {
    const { store, login, own, account, clock } = context;
    if (isNumberOnly(person)) return undefined;
    const profileKey =
      person === own
        ? account.profileKey
        : (await store.family(signalFamily).recipient(login, person))?.profileKey;
    if (!profileKey) return undefined;
    try {
      const chat = await context.chat();
      const who = { aci: serviceIdOf(person), profileKey };
      const group = { group: secret, now: clock.now() };
      return await presentProfileKey(await chat.anonymous(), zkParams, who, group);
    } catch (error) {
      const { kind } = serviceFailure(error);
      if (kind === "unauthorized" || kind === "not-found") return undefined;
      throw failureOf(error);
    }
  };
