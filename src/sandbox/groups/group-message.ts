import { createHash } from "node:crypto";
import { SenderKeyMessage } from "@signalapp/libsignal-client";
import { participantKeysIn } from "../../networks/meta-interop/wire/group-messages.ts";
import { bytes, children, type Node, node } from "../../networks/meta-interop/wire/node.ts";
import { encodeStanza } from "../../networks/meta-interop/wire/stanza-encode.ts";
import type { StanzaContext } from "../chat/stanza-context.ts";
import type { Person } from "../phone/person.ts";
import type { Account } from "../state/accounts.ts";
import { type GroupMember, holderName, isAdmin, isSame, jidOf, nameOf } from "./group-member.ts";
import { chatNumber } from "./group-messages.ts";
import { groupMessageStanza } from "./group-stanzas.ts";
import type { GroupRow } from "./group-table.ts";
import type { Groups } from "./groups.ts";
import { receiveInGroup } from "./phone-receive.ts";

/** Codes of `<ack error>`: 401 only admins write, 403 no member, 404 no such group or member, 405 the flag is not granted. */
export type GroupRefusal = "400" | "401" | "403" | "404" | "405";

export interface TakenByGroup {
  readonly error?: GroupRefusal;
  /** The gatekeeper's hash of the members, where the client's is another one. */
  readonly phash?: string;
}

/** Takes an integrator's user's message to a group; resolves when every phone and mailbox has it, committed. */
export async function takeGroupMessage(context: StanzaContext, stanza: Node): Promise<TakenByGroup> {
  const { session, groups, parts } = context;
  const { account } = session;
  const { to = "", id, participant, phash } = stanza.attrs;
  const malformed = malformation(stanza);
  if (malformed !== undefined) {
    session.reportViolation("malformed-stanza", malformed, id);
    return { error: "400" };
  }
  if (!parts.states.of(account.network).features.groups) return { error: "405" };
  const group = groups.get(account.network, to);
  if (group === undefined) return { error: "404" };
  const members = groups.members(group);
  const sender = members.find((member) => isSame(member, { kind: "user", account }));
  if (sender === undefined) {
    session.reportViolation("not-a-member", "a message to a group by somebody who is not in it", id);
    return { error: "403" };
  }
  if (!isAdmin(sender) && (group.announcement || stanza.attrs["edit"] === "8")) return { error: "401" };
  if (participant !== undefined) return retransmit(context, group, members, participant, stanza);
  const hash = groups.hash(members);
  checkEncryption(context, group, members, hash, stanza);
  await sendToAll(groups, group, members, sender, stanza);
  return phash === hash ? {} : { phash: hash };
}

function malformation(stanza: Node): string | undefined {
  const { attrs } = stanza;
  const encs = children(stanza, "enc");
  const [enc] = encs;
  if (enc === undefined || encs.length > 1)
    return "a message to a group must hold one <enc> beside <participants>";
  const forAll = enc.attrs["type"] === "skmsg";
  if (attrs["participant"] === undefined && !forAll) return "a message to a group must be encrypted for all";
  if (attrs["participant"] !== undefined && forAll)
    return "what is sent again to one member is encrypted for them";
  return attrs["participant"] === undefined && attrs["phash"] === undefined
    ? "a message to a group without the hash of its members"
    : undefined;
}

/** Bytes of a distribution's UUID, which a digest begins with. */
const DISTRIBUTION = 16;

/** By which sender key a message is encrypted for all, and the hash of that. */
function digestOf(stanza: Node): Buffer {
  const [enc] = children(stanza, "enc");
  const ciphertext = (enc && bytes(enc)) ?? new Uint8Array();
  const hash = createHash("sha256").update(ciphertext).digest();
  return Buffer.concat([distributionOf(ciphertext), hash]);
}

/** Zeros where it is no such message. */
function distributionOf(ciphertext: Uint8Array): Buffer {
  try {
    const message = SenderKeyMessage.deserialize(Uint8Array.from(ciphertext));
    return Buffer.from(message.distributionId().replaceAll("-", ""), "hex");
  } catch {
    return Buffer.alloc(DISTRIBUTION);
  }
}

/** Whether a message was encrypted a second time with one key. Whoever has lost that key encrypts with another one. */
function isSecond(before: Uint8Array, now: Buffer): boolean {
  const head = (digest: Uint8Array) => digest.subarray(0, DISTRIBUTION);
  return Buffer.compare(head(before), head(now)) === 0 && !now.equals(before);
}

const isReachable = (member: GroupMember, { integrator }: Account): boolean =>
  member.kind === "user" || (!member.person.row.gone && member.person.unreachable(integrator) === undefined);

/** Reports a second encryption of the same message, and members who lack the key though the client knows of them. */
function checkEncryption(
  { session, groups }: StanzaContext,
  group: GroupRow,
  members: readonly GroupMember[],
  hash: string,
  stanza: Node,
): void {
  const { account } = session;
  const { id = "", phash } = stanza.attrs;
  const before = groups.messages.message(chatNumber(group), account.id, id);
  if (before !== undefined && isSecond(before.digest, digestOf(stanza))) {
    session.reportViolation(
      "encrypted-twice",
      "a message to a group was encrypted for all a second time",
      id,
    );
  }
  if (phash !== hash) return;
  const given = groups.messages.keyGiven(group.id, account.id);
  const enclosed = new Set(participantKeysIn(stanza).map(({ jid }) => jid));
  const lacks = members.filter(
    (member) =>
      !isSame(member, { kind: "user", account }) &&
      isReachable(member, account) &&
      !given.has(holderName(member)) &&
      !enclosed.has(jidOf(member)),
  );
  if (lacks.length === 0) return;
  const words = `a message to a group of whose members ${lacks.length} were sent no sender key`;
  session.reportViolation("no-sender-key", words, id);
}

/** Each phone in its lane, each mailbox; who got a key is kept with the message. */
async function sendToAll(
  groups: Groups,
  group: GroupRow,
  members: readonly GroupMember[],
  sender: Extract<GroupMember, { kind: "user" }> | GroupMember,
  stanza: Node,
): Promise<void> {
  if (sender.kind !== "user") return;
  const { account } = sender;
  const { commits, serverTime, wake } = groups.parts;
  const { id = "" } = stanza.attrs;
  const keys = new Map(participantKeysIn(stanza).map(({ jid, enc }) => [jid, enc]));
  const encs = children(stanza, "enc");
  const sts = groups.messages.message(chatNumber(group), account.id, id)?.sts ?? serverTime();
  const others = members.filter((member) => !isSame(member, sender));
  const own = (member: GroupMember): readonly Node[] => {
    const key = keys.get(jidOf(member));
    return key === undefined ? encs : [key, ...encs];
  };
  const phones = others.flatMap((member) =>
    member.kind === "person" && isReachable(member, account)
      ? [deliver(groups, group, member.person, account, { ...stanza, content: own(member) })]
      : [],
  );
  const users = others.flatMap((member) => (member.kind === "user" ? [member] : []));
  const kept = commits.commit(() => {
    groups.messages.putMessage({
      chat: chatNumber(group),
      account: account.id,
      id,
      sts,
      digest: digestOf(stanza),
    });
    for (const member of others)
      if (keys.has(jidOf(member))) groups.messages.giveKey(group.id, account.id, holderName(member));
    for (const user of users) forward(groups, group, sender, user.account, stanza, own(user), sts);
  });
  await Promise.all([kept, ...phones]);
  for (const user of users) wake(user.account.id);
}

function forward(
  { parts }: Groups,
  group: GroupRow,
  sender: GroupMember,
  to: Account,
  { attrs }: Node,
  encs: readonly Node[],
  sts: number,
): void {
  const { id = "", type = "", edit } = attrs;
  const about = { account: to.id, group: group.jid, participant: jidOf(sender), name: nameOf(sender) };
  parts.mailbox.post(groupMessageStanza({ ...about, id, type, edit, sts, encs }));
}

/** Hands a message to the phone, or stores it while the phone is off. */
async function deliver(
  groups: Groups,
  group: GroupRow,
  person: Person,
  account: Account,
  { attrs, content }: Node,
): Promise<void> {
  const { commits, messages } = groups.parts;
  const stanza = node("message", attrs, content);
  const { done } = await person.inLane(async () => {
    if (person.row.online) return receiveInGroup(groups, group, person, account, stanza);
    return {
      done: commits.commit(() => messages.addWaiting(person.id, account.id, encodeStanza(stanza))),
    };
  });
  await done;
}

/** A message sent again to one member who asked for it. */
async function retransmit(
  { session, groups, parts }: StanzaContext,
  group: GroupRow,
  members: readonly GroupMember[],
  participant: string,
  stanza: Node,
): Promise<TakenByGroup> {
  const { account } = session;
  const { id = "" } = stanza.attrs;
  const member = members.find((one) => jidOf(one) === participant.replace(/:\d+@/, "@"));
  if (member === undefined) return { error: "404" };
  const give = (): void => groups.messages.giveKey(group.id, account.id, holderName(member));
  const sts = groups.messages.message(chatNumber(group), account.id, id)?.sts ?? parts.serverTime();
  const encs = children(stanza, "enc");
  if (member.kind === "user") {
    const sender = { kind: "user", account, part: "member" } as const;
    await parts.commits.commit(() => {
      give();
      forward(groups, group, sender, member.account, stanza, encs, sts);
    });
    parts.wake(member.account.id);
    return {};
  }
  const { person } = member;
  if (parts.messages.attempts(person.id, chatNumber(group), id) === 0) {
    const words = "a message to a group was sent to one member alone, who had not asked for it";
    session.reportViolation("encrypted-twice", words, id);
  }
  if (!isReachable(member, account)) return {};
  await Promise.all([
    parts.commits.commit(give),
    deliver(groups, group, person, account, { ...stanza, content: encs }),
  ]);
  return {};
}
