import { hkdfSync } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import type { NewGroup } from "../../../../core/model/groups.ts";
import type { ChatId, PersonId } from "../../../../core/model/ids.ts";
import type { GroupState } from "../../group-records.ts";
import { keepState } from "../../groups/group-changes.ts";
import { GroupCipher } from "../../groups/group-cipher.ts";
import { accessNumber, ROLE } from "../../groups/group-numbers.ts";
import type { GroupServer } from "../../groups/group-server.ts";
import { readState } from "../../groups/read-state.ts";
import type { LoginContext } from "../../login-context.ts";
import { signalFamily } from "../../records.ts";
import { shownName } from "../../shown-name.ts";
import {
  type Group,
  GroupResponseSchema,
  GroupSchema,
  MemberPendingProfileKeySchema,
  MemberSchema,
} from "../../wire/gen/groups_pb.js";
import { decodeWhole } from "../../wire/protobuf.ts";
import { sealedBlob } from "./group-blobs.ts";
import { groupRefusal, refused } from "./group-refusals.ts";
import type { GroupSender } from "./group-sender.ts";
import type { MemberProof } from "./member-proofs.ts";
import { tellGroup } from "./tell-group.ts";

interface NewGroupsParts {
  readonly context: LoginContext;
  readonly server: Pick<GroupServer, "call" | "group">;
  readonly sender: Pick<GroupSender, "send">;
  readonly proofs: MemberProof;
  readonly exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>;
}

/** Makes groups of our person's. */
export class NewGroups {
  readonly #parts: NewGroupsParts;

  constructor(parts: NewGroupsParts) {
    this.#parts = parts;
  }

  /**
   * The group's key follows from ours and from the wanted group's, so that a repeat finds the group that it made before.
   * Who cannot be put in at once is invited, which our person is told. Throws BridgeError.
   */
  async create(wanted: NewGroup): Promise<ChatId> {
    const { context, sender } = this.#parts;
    const masterKey = masterKeyFor(context, wanted);
    const cipher = GroupCipher.of(masterKey);
    if (!cipher) throw new Error("a group's key of another length than one");
    const { chat } = cipher;
    const { store, login, clock } = context;
    const known = await store.family(signalFamily).group(login, chat);
    const state = known?.state ?? (await this.#made(cipher, masterKey, wanted));
    const group = { chat, masterKey, state, stored: known?.stored, cipher };
    const also = state.invited.map(({ person }) => person);
    await tellGroup(context, sender, { group, timestamp: clock.now(), also });
    return chat;
  }

  async #made(cipher: GroupCipher, masterKey: Uint8Array, wanted: NewGroup): Promise<GroupState> {
    const state = await readState(cipher, await this.#onServer(cipher, wanted));
    await this.#keep(cipher.chat, masterKey, state);
    return state;
  }

  /** The group as the server has it, made now or by an earlier try. */
  async #onServer(cipher: GroupCipher, wanted: NewGroup): Promise<Group> {
    const { server } = this.#parts;
    const before = await server.group(cipher);
    if (before.kind === "group") return before.group;
    const body = toBinary(GroupSchema, await this.#asWanted(cipher, wanted));
    const answer = await server.call(cipher, { method: "PUT", body });
    if (answer.status !== 200 && answer.status !== 409) throw groupRefusal(answer);
    const made = answer.status === 200 ? decodeWhole(GroupResponseSchema, answer.body).group : undefined;
    if (made) return made;
    const fetched = await server.group(cipher);
    if (fetched.kind === "group") return fetched.group;
    throw refused("You made this group before, and are not in it any more. Make another one.");
  }

  async #asWanted(cipher: GroupCipher, { name, people }: NewGroup): Promise<Group> {
    const { context, proofs } = this.#parts;
    const { own, ownNumber } = context;
    const self = await proofs(own, cipher);
    if (!self) throw refused("Signal does not accept your profile at the moment. Try again later.");
    const group = create(GroupSchema, {
      publicKey: cipher.publicParams,
      title: sealedBlob(cipher, { case: "title", value: name }),
      disappearingMessagesTimer: sealedBlob(cipher, { case: "disappearingMessagesDuration", value: 0 }),
      accessControl: {
        attributes: accessNumber("members"),
        members: accessNumber("members"),
        addFromInviteLink: accessNumber("nobody"),
      },
      version: 0,
      members: [{ role: ROLE.admin, presentation: self }],
    });
    const { members, membersPendingProfileKey: invited } = group;
    const role = ROLE.member;
    for (const person of new Set(people)) {
      if (person === own || person === ownNumber) continue;
      const presentation = await proofs(person, cipher);
      if (presentation) members.push(create(MemberSchema, { role, presentation }));
      else
        invited.push(
          create(MemberPendingProfileKeySchema, { member: { role, userId: cipher.userId(person) } }),
        );
    }
    return group;
  }

  /** With the words to our person in the same commit, so that they are said once. */
  async #keep(chat: ChatId, masterKey: Uint8Array, state: GroupState): Promise<void> {
    const { context, exclusively } = this.#parts;
    const { store, login, sink } = context;
    const record = (tx: Parameters<Parameters<typeof store.write>[0]>[0]): void => {
      tx.family(signalFamily).addGroup(login, chat, masterKey);
      keepState(tx, login, { chat, before: undefined, after: state });
    };
    const names = await Promise.all(state.invited.map(({ person }) => this.#nameOf(person)));
    const words = `${names.join(", ")} ${names.length === 1 ? "was" : "were"} invited to “${state.title}” on Signal, and will be in it once they accept.`;
    await exclusively(() => (names.length === 0 ? store.write(record) : sink.tell(words, record)));
  }

  async #nameOf(person: PersonId): Promise<string> {
    const { store, login } = this.#parts.context;
    const { profile } = (await store.family(signalFamily).recipient(login, person)) ?? {};
    return shownName(this.#parts.context, { profile, person });
  }
}

const MASTER_KEY = 32;

function masterKeyFor({ aci }: Pick<LoginContext, "aci">, { key }: NewGroup): Uint8Array {
  const secret = Uint8Array.from(aci.own.identity.privateKey.serialize());
  return new Uint8Array(
    hkdfSync("sha256", secret, new Uint8Array(), `group made by a bridge: ${key}`, MASTER_KEY),
  );
}
