import type { EventId } from "../../src/core/model/ids.ts";
import type { OpenFlow } from "./open-flow.ts";

type Sent = OpenFlow["events"][number];

const fieldsOf = (value: unknown): Record<string, unknown> => Object(value) as Record<string, unknown>;
const relationOf = ({ send }: Sent) =>
  fieldsOf(send.content["m.relates_to"]) as {
    event_id?: EventId;
    key?: string;
    rel_type?: string;
    "m.in_reply_to"?: { event_id: EventId };
  };
const byBot = ({ send }: Sent): boolean => send.sender === "@bot:test";

/** What the bot's notices about an event say at the end, in order. */
export function noticesAbout({ events }: Pick<OpenFlow, "events">, about: EventId): readonly string[] {
  const notices = new Map<EventId, string>();
  for (const sent of events.filter((one) => byBot(one) && one.send.type === "m.room.message")) {
    const { event_id: of, rel_type: how, "m.in_reply_to": reply } = relationOf(sent);
    if (reply?.event_id === about) notices.set(sent.event, String(sent.send.content["body"]));
    if (how === "m.replace" && of !== undefined && notices.has(of))
      notices.set(of, String(fieldsOf(sent.send.content["m.new_content"])["body"]));
  }
  return Array.from(notices.values());
}

/** Whether the bot's mark is on an event. */
export function isMarked({ events }: Pick<OpenFlow, "events">, about: EventId): boolean {
  const gone = new Set(events.map(({ send }) => send.content["redacts"]));
  return events.some((sent) => {
    const { key, event_id: on } = relationOf(sent);
    return byBot(sent) && key === "⚠️" && on === about && !gone.has(sent.event);
  });
}

/** The statuses of an event, as a client gets them. */
export function statusesOf(
  { events }: Pick<OpenFlow, "events">,
  about: EventId,
): readonly Readonly<Record<string, unknown>>[] {
  return events
    .filter((sent) => byBot(sent) && sent.send.type === "com.beeper.message_send_status")
    .filter((sent) => relationOf(sent).event_id === about && relationOf(sent).rel_type === "m.reference")
    .map(({ send }) => {
      const { "m.relates_to": _, "thirdpartychats.id": __, ...fields } = send.content;
      return fields;
    });
}
