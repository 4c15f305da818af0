import { ContentHint } from "@signalapp/libsignal-client";
import { BridgeError } from "../../../../core/model/errors.ts";
import type { PersonId } from "../../../../core/model/ids.ts";
import type { Writes } from "../../../../core/ports/store.ts";
import { sealForMany } from "../../../../signal-protocol/sealed-sender.ts";
import { encryptMessageForAll } from "../../../../signal-protocol/sender-keys.ts";
import { personOf, serviceIdOf } from "../../ids.ts";
import type { LoginContext } from "../../login-context.ts";
import { signalFamily } from "../../records.ts";
import { sendToMany } from "../../service/messages.ts";
import { failureOf, manySendFailureOf } from "../../service/send-failures.ts";
import { encodeContent, type SendableBody } from "../../wire/encode-content.ts";
import { pad } from "../../wire/padding.ts";
import { certificateOf, deliver, mendDevices } from "../deliver.ts";
import { eachOf } from "./each-of.ts";
import type { Endorsements, MemberTokens } from "./endorsements.ts";
import { type OpenGroup, othersIn } from "./open-group.ts";
import { devicesOf, devicesOfAll, distributionOf, hasKey, keyFor } from "./sender-key.ts";
import { tellUnreached } from "./unreached.ts";

/** Something to say to all members of a group. */
export interface GroupDelivery {
  readonly group: OpenGroup;
  readonly body: SendableBody;
  /** Milliseconds since the epoch: the message's name, the same at each try. */
  readonly timestamp: number;
  readonly hint: ContentHint;
  readonly urgent: boolean;
  /** Only for devices that are connected now, of members who can read at once what is sent to all. */
  readonly passing?: boolean;
  /** Others who get it, each alone: who was a member before, or is invited. */
  readonly also?: readonly PersonId[];
  /** Commits the ratchet steps, before anything leaves. */
  readonly commit: (record: (tx: Writes) => void) => Promise<void>;
}

/** A member that a message went to, and whether the server did not learn who sent it. */
export interface ReachedMember {
  readonly person: PersonId;
  readonly isSealed: boolean;
}

/** One send of {@link GroupDelivery}. */
interface Sending {
  readonly delivery: GroupDelivery;
  /** Those who get what is sent to all at once. */
  readonly many: readonly PersonId[];
  readonly tokens: MemberTokens;
  /** Who could not be reached, and why. */
  readonly unreached: Map<PersonId, BridgeError>;
}

type SealedForMany =
  | {
      readonly kind: "sealed";
      readonly payload: Uint8Array<ArrayBuffer>;
      readonly people: readonly PersonId[];
    }
  /** These lack the key by which they would read it. */
  | { readonly kind: "lacking"; readonly people: readonly PersonId[] };

/** How often the server's lists of devices may differ from ours in one delivery, and the list of one member. */
const MOST_MENDS = 12;
const MOST_MENDS_OF_ONE = 3;
/** How many members are written to alone at the same time. */
const AT_ONCE = 8;

/**
 * Sends to groups: one encryption for all members' devices that have our sender key, which those who lack it get first,
 * each in a message of their own; to whom that cannot go, the whole message goes alone. A member who cannot be reached
 * delays nobody.
 */
export class GroupSender {
  readonly #context: LoginContext;
  readonly #endorsements: Endorsements;

  constructor(context: LoginContext, endorsements: Endorsements) {
    this.#context = context;
    this.#endorsements = endorsements;
  }

  /** Resolves to whom it reached. Throws BridgeError, and what `commit` throws. */
  async send(delivery: GroupDelivery): Promise<readonly ReachedMember[]> {
    const { group, passing = false } = delivery;
    const known = othersIn(group, this.#context.own);
    const unreached = new Map<PersonId, BridgeError>();
    let tokens = known.length === 0 ? undefined : await this.#endorsements.of(group);
    let { members, many } = recipientsOf(group, known, tokens);
    let outcome = tokens && (await this.#toMany({ delivery, many, tokens, unreached }));
    if (outcome === "denied") {
      // The members may be others by now.
      this.#endorsements.forget(group.chat);
      tokens = await this.#endorsements.of(group);
      ({ members, many } = recipientsOf(group, known, tokens));
      outcome = tokens && (await this.#toMany({ delivery, many, tokens, unreached }));
    }
    const reachedAtOnce = outcome === "sent" ? many : [];
    const others = delivery.also?.filter((person) => !known.includes(person)) ?? [];
    const alone = passing ? [] : [...members.filter((person) => !reachedAtOnce.includes(person)), ...others];
    const reached: ReachedMember[] = reachedAtOnce
      .filter((person) => !unreached.has(person))
      .map((person) => ({ person, isSealed: true }));
    await eachOf(alone, AT_ONCE, (person) =>
      this.#reach(person, unreached, async () => {
        const { isSealed } = await this.#toOne(delivery, person, tokens);
        reached.push({ person, isSealed });
      }),
    );
    // Nobody else is in it: then nothing was encrypted, and the message is as good as sent.
    if (members.length === 0) await delivery.commit(() => undefined);
    if (!passing) await tellUnreached(this.#context, group, unreached);
    return reached;
  }

  /** Sends to a member alone, with the key by which they read what comes after it. Throws BridgeError. */
  async sendTo(person: PersonId, delivery: GroupDelivery): Promise<{ readonly isSealed: boolean }> {
    return this.#toOne(delivery, person, await this.#endorsements.of(delivery.group), true);
  }

  async #toOne(
    { group, body, commit, timestamp, hint, urgent }: GroupDelivery,
    person: PersonId,
    tokens: MemberTokens | undefined,
    withKey = false,
  ): Promise<{ readonly isSealed: boolean }> {
    const distribution = withKey ? await distributionOf(this.#context, group) : undefined;
    return deliver(this.#context, {
      to: person,
      plaintext: pad(encodeContent({ body, ...(distribution && { senderKeyDistribution: distribution }) })),
      timestamp,
      hint,
      urgent,
      group: { id: group.cipher.id, endorsement: tokens?.for([person]) },
      commit: (record) => commit(record),
    });
  }

  /** `denied`: the server does not take the tokens. Where it is not `sent`, nobody got it. */
  async #toMany(sending: Sending): Promise<"sent" | "denied" | "alone"> {
    const { delivery, many, tokens, unreached } = sending;
    const { timestamp, urgent, passing = false } = delivery;
    const mendsOf = new Map<PersonId, number>();
    for (let mends = 0; mends <= MOST_MENDS; mends += 1) {
      const sealed = await this.#seal(sending);
      if (sealed.kind === "lacking") {
        // Nobody is given a key for what is gone in a moment.
        if (passing) for (const person of sealed.people) unreached.set(person, notNow());
        else await eachOf(sealed.people, AT_ONCE, (person) => this.#give(sending, person));
        continue;
      }
      const token = tokens.for(sealed.people);
      if (!token) return many.length > 0 && many.every((person) => unreached.has(person)) ? "sent" : "alone";
      try {
        const chat = await this.#context.chat();
        const head = { timestamp, online: passing, urgent };
        const gone = await sendToMany(chat, head, sealed.payload, token);
        for (const id of gone) {
          const person = personOf(id);
          if (person !== undefined) unreached.set(person, notRegistered());
        }
        return "sent";
      } catch (error) {
        const failure = manySendFailureOf(error);
        if (failure.kind === "failed") throw failure.error;
        if (failure.kind === "access") {
          unreached.clear();
          return "denied";
        }
        await eachOf([...failure.of], AT_ONCE, async ([id, mismatch]) => {
          const person = personOf(id);
          if (person === undefined) return;
          const before = mendsOf.get(person) ?? 0;
          if (before >= MOST_MENDS_OF_ONE) {
            unreached.set(person, devicesChange());
            return;
          }
          mendsOf.set(person, before + 1);
          await this.#reach(person, unreached, () =>
            mendDevices(this.#context, person, mismatch, tokens.for([person])),
          );
        });
      }
    }
    // Of many members one after the other: each is tried alone, where that is about nobody else.
    unreached.clear();
    return "alone";
  }

  /** Encrypts for all at once, unless somebody lacks the key. Commits what it changed. */
  async #seal({ delivery, many, unreached }: Sending): Promise<SealedForMany> {
    const context = this.#context;
    const { aci, account, own, store, login } = context;
    const { group, body, hint, commit } = delivery;
    const certificate = await certificateOf(context, await context.chat());
    const members = othersIn(group, own);
    using work = await aci.begin(account.aci, ...members.map(serviceIdOf));
    const devices = await devicesOfAll(context, work, members);
    const { key, isNew } = await keyFor(context, work, group, devices);
    if (isNew) {
      const record = work.record();
      await store.write((tx) => {
        record(tx);
        tx.family(signalFamily).renewSenderKey(login, group.chat, key.distribution);
      });
      work.publish();
    }
    const reachable = many.filter((person) => !unreached.has(person));
    const lacking = reachable.filter((person) => !hasKey(key, person, devices.get(person) ?? []));
    if (lacking.length > 0) return { kind: "lacking", people: lacking };
    const message = await encryptMessageForAll(work, key.distribution, pad(encodeContent({ body })));
    if (!message)
      throw new BridgeError("internal", {
        words: "The bridge had lost its key for this group. Send it again.",
        certain: true,
      });
    const recipients = reachable.flatMap((person) =>
      (devices.get(person) ?? []).map(({ device }) => ({ name: serviceIdOf(person), device })),
    );
    const sealing = { certificate, hint, group: group.cipher.id };
    const payload =
      recipients.length === 0 ? new Uint8Array() : await sealForMany(work, recipients, message, sealing);
    await commit(work.record());
    work.publish();
    return { kind: "sealed", payload, people: reachable };
  }

  /** Gives a member's devices the key: that they may have it is committed with the message that brings it. */
  #give({ delivery: { group }, tokens, unreached }: Sending, person: PersonId): Promise<void> {
    const context = this.#context;
    const { store, login, clock } = context;
    return this.#reach(person, unreached, async () => {
      const distribution = await distributionOf(context, group);
      if (!distribution) return;
      await deliver(context, {
        to: person,
        plaintext: pad(encodeContent({ body: { kind: "nothing" }, senderKeyDistribution: distribution })),
        timestamp: clock.now(),
        hint: ContentHint.Implicit,
        urgent: false,
        group: { id: group.cipher.id, endorsement: tokens.for([person]) },
        async commit(record, work) {
          const devices = await devicesOf(context, work, person);
          await store.write((tx) => {
            record(tx);
            tx.family(signalFamily).giveSenderKey(login, group.chat, person, devices);
          });
        },
      });
      await store.write((tx) => tx.family(signalFamily).reachedWithSenderKey(login, group.chat, person));
    });
  }

  /** What fails for one member alone is kept; an outage is everybody's. */
  async #reach(
    person: PersonId,
    unreached: Map<PersonId, BridgeError>,
    act: () => Promise<void>,
  ): Promise<void> {
    try {
      await act();
    } catch (error) {
      const failure = failureOf(error);
      if (failure.outage || !ABOUT_ONE.has(failure.reason)) throw error;
      unreached.set(person, failure);
    }
  }
}

/** Who gets what is sent, and who of them what is sent to all at once. */
function recipientsOf(
  { state }: OpenGroup,
  known: readonly PersonId[],
  tokens: MemberTokens | undefined,
): { readonly members: readonly PersonId[]; readonly many: readonly PersonId[] } {
  // The server's list of members may be newer than ours: who is not in it any more gets nothing.
  const isNewer = tokens !== undefined && tokens.revision > state.revision;
  const members = isNewer ? known.filter((person) => tokens.has(person)) : known;
  return { members, many: members.filter((person) => tokens?.has(person) ?? false) };
}

/** Failures that are about a member. */
const ABOUT_ONE: ReadonlySet<BridgeError["reason"]> = new Set(["not-reachable", "remote-refused"]);

const notRegistered = (): BridgeError =>
  new BridgeError("not-reachable", { words: "This person is not on Signal any more.", certain: true });

const devicesChange = (): BridgeError =>
  new BridgeError("remote-refused", {
    words: "This person's devices at Signal kept changing while this was being sent.",
    certain: true,
  });

const notNow = (): BridgeError =>
  new BridgeError("not-reachable", { words: "This person cannot read it at once.", certain: true });
