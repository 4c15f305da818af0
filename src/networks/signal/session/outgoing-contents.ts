import { BridgeError } from "../../../core/model/errors.ts";
import type { Outgoing } from "../../../core/model/events.ts";
import type { ChatId, MessageId, PersonId, UserId } from "../../../core/model/ids.ts";
import type { Journal, OutgoingItem } from "../../../core/ports/network.ts";
import type { Writes } from "../../../core/ports/store.ts";
import { sayIsOurs } from "../../../signal-protocol/linked-identities.ts";
import { fromBridge, uploadsOf, type WriteContext } from "../convert/from-bridge.ts";
import { usersIn } from "../convert/mentions.ts";
import { isGroupChat, messageNameOf, serviceIdOf } from "../ids.ts";
import type { LoginContext } from "../login-context.ts";
import { numberKnownScope } from "../record-scopes.ts";
import type { ExpireTimer } from "../records.ts";
import type { SendableBody } from "../wire/encode-content.ts";
import type { SentMessage, SentPayload } from "../wire/encode-data.ts";
import {
  groupContext,
  groupTimer,
  type Known,
  type OpenGroup,
  openGroup,
  requireWriting,
} from "./groups/open-group.ts";
import { withCard } from "./outgoing-cards.ts";
import type { OutgoingFiles } from "./outgoing-files.ts";
import { answering, byNewestName } from "./revisions.ts";
import { nextTimer, timerOf } from "./timers.ts";

type SaidBody = Extract<SendableBody, { readonly kind: "data" | "edit" }>;

/** A message of ours as Signal has it, for whom the chat is with and for our own other devices. */
export interface Said {
  readonly chat: ChatId;
  readonly timestamp: number;
  readonly body: SaidBody;
  /** Of a message to a group. */
  readonly group?: OpenGroup;
  /** Writes what is committed with the ratchet. */
  record(tx: Writes): void;
}

const nothing = (): void => undefined;

/** Makes Signal's messages of what our person writes. */
export class OutgoingContents {
  readonly #context: LoginContext;
  readonly #files: OutgoingFiles;
  readonly #known: Known;

  /** `known`: a group as it is now. */
  constructor(context: LoginContext, files: OutgoingFiles, known: Known) {
    this.#context = context;
    this.#files = files;
    this.#known = known;
  }

  /** Uploads the message's files, where that was not done at an earlier try. Throws BridgeError. */
  async of(item: OutgoingItem, journal: Pick<Journal, "note">): Promise<Said> {
    const { own } = this.#context;
    if (isGroupChat(item.chat)) requireWriting(await this.#known(item.chat), own, item.outgoing.kind);
    const named = await byNewestName(this.#context, item.outgoing, item.id);
    const outgoing = await withCard(this.#context, item.id, named, (uri) => item.open(uri));
    const context = await this.#writeContext(outgoing);
    const uploads = uploadsOf(outgoing, context);
    const { files, words } = await this.#files.put(item, uploads);
    const note = words === undefined ? nothing : journal.note(words);
    const answered =
      outgoing.kind === "message" ? answering(this.#context, item.id, outgoing.message) : undefined;
    const record = (tx: Writes): void => {
      note(tx);
      answered?.(tx);
    };
    const payload = fromBridge(outgoing, context, files);
    const timer = await this.#setTimer(item);
    return { ...(await this.#said({ ...item, outgoing }, payload, timer)), record };
  }

  /** A message as it was sent before; undefined where a file of it is no longer known. */
  async again(chat: ChatId, id: MessageId, sent: Outgoing): Promise<Said | undefined> {
    const outgoing = await withCard(this.#context, id, await byNewestName(this.#context, sent, id));
    const context = await this.#writeContext(outgoing);
    const files = await this.#files.stored(id, uploadsOf(outgoing, context).length);
    if (!files) return undefined;
    const payload = fromBridge(outgoing, context, files);
    return { ...(await this.#said({ chat, id, outgoing }, payload)), record: nothing };
  }

  /** In the state of its chat: with the timer, our profile's key, and the same time at each try. */
  async #said(
    { chat, id, outgoing }: Pick<OutgoingItem, "chat" | "id" | "outgoing">,
    payload: SentPayload,
    set?: ExpireTimer,
  ): Promise<Omit<Said, "record">> {
    const name = messageNameOf(id);
    const target = outgoing.kind === "edit" ? messageNameOf(outgoing.target) : undefined;
    if (!name || (outgoing.kind === "edit" && !target)) throw nameless();
    const { timestamp } = name;
    const group = isGroupChat(chat) ? await openGroup(this.#known, chat) : undefined;
    const timer = set ?? (group ? groupTimer(group) : await timerOf(this.#context, chat));
    const { profileKey } = this.#context.account;
    const of = group && { group: groupContext(group) };
    const data: SentMessage = { timestamp, timer, profileKey, ...of, payload };
    const body: SaidBody = target ? { kind: "edit", target: target.timestamp, data } : { kind: "data", data };
    return { chat, timestamp, body, ...(group && { group }) };
  }

  /** The timer that our person sets with this. */
  async #setTimer({ chat, outgoing }: Pick<OutgoingItem, "chat" | "outgoing">) {
    if (outgoing.kind !== "group-change" || outgoing.change.kind !== "timer") return undefined;
    return nextTimer(this.#context, chat, outgoing.change.seconds);
  }

  async #writeContext(outgoing: Outgoing): Promise<WriteContext> {
    const { own, user } = this.#context;
    return { own, user, ghosts: await this.#ghosts(outgoing) };
  }

  /** The contacts that a message mentions, by the Matrix ids of their ghosts. */
  async #ghosts(outgoing: Outgoing): Promise<ReadonlyMap<UserId, PersonId>> {
    if (outgoing.kind !== "message" && outgoing.kind !== "edit") return new Map();
    const { store, network } = this.#context;
    const found = await Promise.all(
      Array.from(usersIn(outgoing.message), (user) => store.ghosts.byUser(user)),
    );
    return new Map(
      found.flatMap((ghost) => (ghost?.network === network ? [[ghost.user, ghost.person] as const] : [])),
    );
  }
}

/** The proof that our number and account are one, for whoever wrote to our number and knows nothing of the account. */
export async function pniProof({ store, login, aci, pni, ownNumber }: LoginContext, person: PersonId) {
  if (!pni || ownNumber === undefined) return {};
  if ((await store.records.get(numberKnownScope(login), person)) === undefined) return {};
  return { pniSignature: { pni: serviceIdOf(ownNumber), signature: sayIsOurs(pni.own, aci.own) } };
}

function nameless(): BridgeError {
  return new BridgeError("internal", {
    words: "The bridge made this message in a way that Signal does not take. Tell whoever runs the bridge.",
    certain: true,
  });
}
