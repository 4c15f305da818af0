import type { ChatId, PersonId } from "../../core/model/ids.ts";
import { faultOf } from "../../core/ports/log.ts";
import { type GroupNoticeJob, Groups } from "./groups/groups.ts";
import { groupOf } from "./ids.ts";
import type { MediaHost } from "./media/media-host.ts";
import { ContactLanes } from "./session/contact-lanes.ts";
import { receiveMessages } from "./session/incoming-messages.ts";
import type { LoginContext } from "./session/login-context.ts";
import { type OutgoingJob, sendMessages } from "./session/outgoing-messages.ts";
import type { Plaintexts } from "./session/plaintexts.ts";
import type { IncomingJob } from "./session/receive-batch.ts";
import { MessageResender, type ResendJob } from "./session/retry/message-resender.ts";

export type MessageJob = IncomingJob | OutgoingJob | ResendJob | GroupNoticeJob;

/** Whose work is done one after the other: a contact's, a group's, or what is sent again to one member of a group. */
type Lane =
  | { readonly kind: "contact"; readonly person: PersonId }
  | { readonly kind: "group"; readonly chat: ChatId }
  | { readonly kind: "member"; readonly chat: ChatId; readonly person: PersonId };

interface MessageLanesParts {
  readonly context: LoginContext;
  readonly host: MediaHost;
  readonly plaintexts: Plaintexts;
  /** Called with the number of messages that were received and handled. */
  readonly received: (count: number) => void;
}

/** Does the work on a login's messages, in lanes. */
export class MessageLanes {
  readonly groups: Groups;
  readonly #parts: MessageLanesParts;
  readonly #lanes: ContactLanes<MessageJob>;

  constructor(parts: MessageLanesParts) {
    const { context, host, plaintexts } = parts;
    this.#parts = parts;
    this.groups = new Groups({ context, host });
    const resender = new MessageResender(context, plaintexts, this.groups.keys, (contact, job) =>
      job.group === undefined ? this.push(contact, job) : this.pushMember(job.group, contact, job),
    );
    this.#lanes = new ContactLanes<MessageJob>((name, jobs) => this.#run(laneOf(name), jobs, resender));
  }

  /** `address`: of a contact or a group. */
  push(address: PersonId | ChatId, job: MessageJob): void {
    this.#lanes.push(address, job);
  }

  pushMember(chat: ChatId, person: PersonId, job: ResendJob): void {
    this.#lanes.push(`${chat} ${person}`, job);
  }

  /** Resolves when all is done. */
  idle(): Promise<void> {
    return this.#lanes.idle();
  }

  async #run(lane: Lane, jobs: readonly MessageJob[], resender: MessageResender): Promise<void> {
    const { context, received } = this.#parts;
    try {
      const incoming = jobs.filter((job) => job.kind === "in");
      if (incoming.length > 0) {
        if (lane.kind === "group") await this.groups.receive(lane.chat, incoming);
        else await receiveMessages(context, lane.person, incoming);
        received(incoming.length);
      }
      const outgoing = jobs.filter((job) => job.kind === "out");
      if (outgoing.length > 0) {
        if (lane.kind === "group") await this.groups.send(lane.chat, outgoing);
        else await sendMessages(context, lane.person, outgoing);
      }
      for (const job of jobs) {
        if (job.kind === "resend" && lane.kind !== "group") await resender.resend(lane.person, job);
        if (job.kind === "notice" && lane.kind === "group") await this.groups.notice(lane.chat, job);
      }
    } catch (error) {
      context.log.error("a chat's work failed", { login: context.login, ...faultOf(error) });
      for (const job of jobs) if (job.kind === "out") job.reject(error);
    }
  }
}

function laneOf(name: string): Lane {
  const [address = "", member] = name.split(" ");
  const chat = groupOf(address);
  if (chat === undefined) return { kind: "contact", person: address as PersonId };
  return member === undefined
    ? { kind: "group", chat }
    : { kind: "member", chat, person: member as PersonId };
}
