import { commandTarget } from "../chats/command-target.ts";
import { answerRequest, isRequest, type Requests } from "../chats/requests.ts";
import type { MatrixEvent } from "../model/events.ts";
import type { Homeserver, MatrixEncoder } from "../ports/homeserver.ts";
import type { Login, Portal } from "../ports/rows.ts";
import type { Store, Writes } from "../ports/store.ts";
import type { OutboxRows } from "../runtime/outbox-rows.ts";
import type { Notices } from "./notices.ts";
import { decisionOf } from "./questions.ts";

interface RequestAnswersParts {
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "bot">;
  readonly encoder: MatrixEncoder;
  readonly outbox: OutboxRows;
  readonly requests: Pick<Requests, "decline">;
  readonly notices: Pick<Notices, "tell">;
}

interface InRequest {
  readonly portal: Portal;
  readonly login: Login;
  readonly contactName: string;
  /** The contact's or person's message that the event refers to; undefined where it is none of them. */
  readonly target: unknown;
}

type Record = (tx: Writes) => void;

/** Kinds by which a person answers a contact. */
const ANSWERS: ReadonlySet<MatrixEvent["kind"]> = new Set(["message", "edit", "reaction"]);

/** Reads, in a chat that is a request, what its person answers to it: a reaction to the bot's question, or writing back. */
export class RequestAnswers {
  readonly #parts: RequestAnswersParts;

  constructor(parts: RequestAnswersParts) {
    this.#parts = parts;
  }

  /** The writes for an event in a chat; `convert` gives those that send it. */
  async read(
    event: MatrixEvent,
    chat: InRequest,
    convert: () => Record | undefined,
  ): Promise<Record | undefined> {
    const { store } = this.#parts;
    const { portal, login } = chat;
    if (!ANSWERS.has(event.kind) || event.sender !== login.user || !(await isRequest(store, portal)))
      return convert();
    const isToBot = event.kind === "reaction" && chat.target === undefined;
    const decision = isToBot ? decisionOf(event.emoji) : undefined;
    if (isToBot && decision === undefined) return convert();
    if (decision === "no") return this.#decline(chat);
    const record = decision === "yes" ? this.#accepted(chat) : convert();
    return (tx) => {
      record?.(tx);
      answerRequest(tx, portal, true);
    };
  }

  #accepted({ portal, contactName }: InRequest): Record {
    const { homeserver, encoder, outbox } = this.#parts;
    if (portal.room === undefined) return () => {};
    const words =
      portal.kind === "group"
        ? `You accepted: you are in ${contactName} as soon as the network knows.`
        : `You accepted: ${contactName} now sees what you read and write, as with your other contacts.`;
    const row = outbox.row(portal.room, homeserver.bot, encoder.notice(words));
    return (tx) => tx.matrixOutbox.add(row);
  }

  async #decline({ portal, login, contactName }: InRequest): Promise<Record> {
    const { store, requests, notices } = this.#parts;
    const about = await commandTarget(store, portal);
    await requests.decline(portal, login.user);
    // A group's room stays, and says it.
    if (portal.kind === "direct") await notices.tell(login.user, declinedWords(contactName, about));
    return () => {};
  }
}

/** What is said once somebody's first chat is declined. */
export const declinedWords = (name: string, about: string): string =>
  `You declined the chat with ${name}, who is not told. You are not invited to it again. Write “block ${about}” to keep them away, “report ${about}” to report them, or “accept ${about}” to have the chat after all.`;
