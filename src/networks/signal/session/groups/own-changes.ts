import { create, toBinary } from "@bufbuild/protobuf";
import type { ServerPublicParams } from "@signalapp/libsignal-client/dist/zkgroup/index.js";
import { BridgeError } from "../../../../core/model/errors.ts";
import type { GroupChange } from "../../../../core/model/groups.ts";
import type { ChatId } from "../../../../core/model/ids.ts";
import type { MediaFile } from "../../../../core/model/media.ts";
import { faultOf } from "../../../../core/ports/log.ts";
import type { Journal, OutgoingItem, SendResult } from "../../../../core/ports/network.ts";
import { applyChange } from "../../groups/apply-change.ts";
import { type GroupBatch, takeChange } from "../../groups/group-changes.ts";
import type { GroupCipher } from "../../groups/group-cipher.ts";
import type { GroupServer } from "../../groups/group-server.ts";
import { signedActions } from "../../groups/signed-change.ts";
import { messageNameOf } from "../../ids.ts";
import type { LoginContext } from "../../login-context.ts";
import { groupPictureRef } from "../../media/media-ref.ts";
import { signalFamily } from "../../records.ts";
import {
  GroupChange_ActionsSchema as ActionsSchema,
  type AvatarUploadAttributes,
  GroupChangeResponseSchema,
  GroupChangeSchema,
} from "../../wire/gen/groups_pb.js";
import { decodeWhole } from "../../wire/protobuf.ts";
import { type Actions, acceptance, actionsFor, type ChangeParts } from "./change-actions.ts";
import { sealedBlob } from "./group-blobs.ts";
import { groupRefusal } from "./group-refusals.ts";
import type { GroupSender } from "./group-sender.ts";
import type { MemberProof } from "./member-proofs.ts";
import { type Known, type OpenGroup, openGroup } from "./open-group.ts";
import { peopleIn, tellGroup } from "./tell-group.ts";

/** The host of groups' pictures. */
interface PictureHost {
  /** A picture in a form that Signal's apps show. Throws BridgeError. */
  groupPicture(source: MediaFile): Promise<Uint8Array>;
  /** Throws BridgeError. */
  putGroupPicture(form: AvatarUploadAttributes, sealed: Uint8Array<ArrayBuffer>): Promise<void>;
}

interface OwnChangesParts {
  readonly context: LoginContext;
  readonly server: Pick<GroupServer, "call" | "pictureForm">;
  readonly files: PictureHost;
  readonly sender: Pick<GroupSender, "send">;
  readonly known: Known;
  /** Brings what is known of a group up to date. Throws BridgeError. */
  readonly refresh: (chat: ChatId) => Promise<void>;
  readonly exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>;
  readonly zkParams: ServerPublicParams;
  readonly proofs: MemberProof;
}

/** How often a change is made anew on what others changed at the same time. */
const MOST_TRIES = 5;

/** What our person changes about groups: the server judges and signs it, and we tell the members. */
export class OwnChanges {
  readonly #parts: OwnChangesParts;

  constructor(parts: OwnChangesParts) {
    this.#parts = parts;
  }

  /** What is so already is success. Throws BridgeError. */
  async change(item: OutgoingItem, change: GroupChange, journal: Journal): Promise<SendResult | undefined> {
    const { chat, id } = item;
    const timestamp = messageNameOf(id)?.timestamp ?? this.#parts.context.clock.now();
    const parts = this.#change((cipher, uri) => this.#picture(cipher, () => item.open({ uri })));
    const made = await this.#make(chat, timestamp, (group) => actionsFor(change, group, parts));
    if (made?.addMembersPendingProfileKey && change.kind === "add")
      await journal.seal(
        Uint8Array.of(1),
        journal.note(`${change.name} was invited, and is in the group once they accept.`),
      );
    const path = made?.modifyAvatar?.avatar;
    return path === undefined || path === "" ? undefined : { avatar: groupPictureRef(path, chat) };
  }

  /** Accepts or declines that our person is in a group. Having answered so already is success. Throws BridgeError. */
  async answer(chat: ChatId, accepted: boolean): Promise<void> {
    const { context } = this.#parts;
    const parts = this.#change(() => Promise.reject(new Error("an answer has no picture")));
    await this.#make(chat, context.clock.now(), (group) =>
      accepted ? acceptance(group, parts) : actionsFor({ kind: "leave" }, group, parts),
    );
  }

  #change(bring: ChangeParts["pictureOf"]): ChangeParts {
    const { own, ownNumber } = this.#parts.context;
    const brought = new Map<string, Promise<string>>();
    return {
      own,
      ownNumber,
      presentationOf: this.#parts.proofs,
      // A change that is made anew has the same picture.
      pictureOf(cipher, uri) {
        const path = brought.get(uri) ?? bring(cipher, uri);
        brought.set(uri, path);
        return path;
      },
    };
  }

  async #picture(cipher: GroupCipher, open: () => Promise<MediaFile>): Promise<string> {
    const { server, files } = this.#parts;
    await using source = await open();
    const value = Uint8Array.from(await files.groupPicture(source));
    const form = await server.pictureForm(cipher);
    await files.putGroupPicture(form, sealedBlob(cipher, { case: "avatar", value }));
    return form.key;
  }

  /** Resolves to what the server was asked for; undefined where there was nothing to change. */
  async #make(
    chat: ChatId,
    timestamp: number,
    actionsOf: (group: OpenGroup) => Promise<Actions | undefined>,
  ): Promise<Actions | undefined> {
    const { known, refresh } = this.#parts;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const group = await openGroup(known, chat);
      const actions = await actionsOf(group);
      if (!actions) return undefined;
      const signed = await this.#ask(group, actions);
      if (signed instanceof Uint8Array) {
        await this.#take(group, signed);
        await this.#tell(group, signed, timestamp);
        return actions;
      }
      if (signed === "conflict") await refresh(chat);
      else if (!(await this.#isBehind(group))) throw signed;
    }
    throw new BridgeError("remote-refused", {
      words: "Others change this group at the same time, again and again.",
      certain: true,
      retryAfter: 5_000,
    });
  }

  /** Whether a group is another one by now than what a refused change was made on, such as by an earlier try of it. */
  async #isBehind({ chat, state }: OpenGroup): Promise<boolean> {
    const { known, refresh, context } = this.#parts;
    try {
      await refresh(chat);
      const now = (await openGroup(known, chat)).state;
      return now.revision !== state.revision || now.members.length !== state.members.length;
    } catch (error) {
      context.log.warn("a group could not be brought up to date", {
        login: context.login,
        ...faultOf(error),
      });
      return false;
    }
  }

  /** The change as the server signed it, or why it did not. */
  async #ask({ cipher, state }: OpenGroup, actions: Actions): Promise<Uint8Array | "conflict" | BridgeError> {
    const version = state.revision + 1;
    const body = toBinary(ActionsSchema, create(ActionsSchema, { ...actions, version }));
    const answer = await this.#parts.server.call(cipher, { method: "PATCH", body });
    if (answer.status === 200) {
      const { groupChange } = decodeWhole(GroupChangeResponseSchema, answer.body);
      if (!groupChange) throw new Error("the server's answer has no change");
      return toBinary(GroupChangeSchema, groupChange);
    }
    return answer.status === 409 ? "conflict" : groupRefusal(answer);
  }

  /** Keeps the group as the change leaves it. */
  async #take({ chat, cipher }: OpenGroup, signed: Uint8Array): Promise<void> {
    const { context, exclusively, refresh, zkParams } = this.#parts;
    const { store, login, own, sink, clock } = context;
    const actions = signedActions(signed, cipher, zkParams);
    const isTaken = await exclusively(async () => {
      const before = (await store.family(signalFamily).group(login, chat))?.state;
      if (!before || !actions) return false;
      if (before.revision >= actions.version) return true;
      const after = applyChange(before, actions, cipher);
      if (!after) return false;
      const batch: GroupBatch = { events: [], writes: [], groups: new Map() };
      await takeChange(context, batch, { chat, before, after, actor: own, at: clock.now() });
      await sink.accept(batch.events, (tx) => {
        for (const write of batch.writes) write(tx);
      });
      return true;
    });
    if (!isTaken) await refresh(chat);
  }

  async #tell(before: OpenGroup, signed: Uint8Array, timestamp: number): Promise<void> {
    const { context, sender, known } = this.#parts;
    const group = await openGroup(known, before.chat);
    await tellGroup(context, sender, { group, signed, timestamp, also: peopleIn(before) });
  }
}
