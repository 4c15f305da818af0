import type { UserId } from "../../src/core/model/ids.ts";
import type { FlowWorld } from "./flow-world.ts";

/** Has the homeserver answer what was written in a person's chat with a contact. */
export async function keepsMessages(world: FlowWorld, user: UserId, contact: string): Promise<void> {
  const { room } = await world.portal(user, contact);
  for (const { event, send } of world.homeserver.room(room).events) {
    if (send.type !== "m.room.message" || send.sender === world.homeserver.bot) continue;
    const { sender } = send;
    const text = String(send.content["body"]);
    const message = { parts: [{ kind: "text", style: "text", body: { text, spans: [] } }] } as const;
    world.homeserver.written.set(event, { kind: "message", room, sender, id: event, at: 1, message });
  }
}
