import { endRequest } from "../../chats/requests.ts";
import { keepBlocked } from "../../delivery/ignored-contacts.ts";
import type { RemoteEvent } from "../../model/events.ts";
import type { Writes } from "../../ports/store.ts";
import { botSays, type NetworkEventContext } from "../event-context.ts";
import { markDeclined } from "./own-marks.ts";

type Of<K extends RemoteEvent["kind"]> = Extract<RemoteEvent, { kind: K }>;
type Record = (tx: Writes) => void;

const nothing: Record = () => {};

/** Converts that our person blocked a contact on another device, or lifted that. */
export function convertBlock({ person, chat, blocked }: Of<"blocked">, context: NetworkEventContext): Record {
  const { portal, login, network, profile, contact, commandTarget, isIgnored } = context;
  const set: Record = (tx) => tx.contacts.setBlocked(login.id, person, chat, blocked);
  // What was done here comes back from the network.
  if ((contact?.blocked ?? false) === blocked || portal.kind !== "direct" || portal.person !== person)
    return set;
  const say = botSays(
    blocked
      ? `You blocked ${profile.name} on another device: ${network.name} keeps their messages from you, and nothing is sent to them. Write “unblock ${commandTarget}” to me to lift it.`
      : `You lifted the block on ${profile.name} on another device.`,
    context,
  );
  return (tx) => {
    set(tx);
    if (blocked && isIgnored) keepBlocked(tx, login.id, person);
    say(tx);
  };
}

/** Converts what our person answered on another device to somebody who writes for the first time. */
export function convertAnswer({ accepted }: Of<"request-answered">, context: NetworkEventContext): Record {
  const { portal, profile, isRequest } = context;
  if (!isRequest) return nothing;
  if (!accepted) return markDeclined(context);
  const say = botSays(
    portal.kind === "group"
      ? "You accepted the invitation to this group on another device."
      : `You accepted this chat on another device: ${profile.name} now sees what you read and write.`,
    context,
  );
  return (tx) => {
    endRequest(tx, portal);
    say(tx);
  };
}
