import type { ChatId, EventId, MessageId, PersonId } from "../../src/core/model/ids.ts";
import { OpenFlow, said } from "./open-flow.ts";
import { settle } from "./virtual-clock.ts";

/** Ana's chat with Bram, in which she is shown statuses. */
export async function shown(): Promise<OpenFlow> {
  const flow = await OpenFlow.begin();
  await flow.asks("statuses on");
  return flow;
}

export const remoteOf = async ({ world }: OpenFlow, event: EventId) =>
  (await world.store.networkOutbox.byEvent(event))?.remoteId ?? ("nothing" as MessageId);
export const ghostOf = async ({ world }: OpenFlow) =>
  (await world.store.ghosts.byPerson(world.network.id, "Bram" as PersonId))?.user;

export async function receipt(flow: OpenFlow, event: EventId, kind: "delivered" | "read"): Promise<void> {
  const ids = [await remoteOf(flow, event)];
  await flow.client.sink.receipt({ chat: "Bram" as ChatId, person: "Bram" as PersonId, ids, kind });
  await settle();
}

/** The network's copy of what Ana wrote. */
export async function copy(flow: OpenFlow, event: EventId): Promise<void> {
  const copied = { kind: "message", message: said("it"), sender: undefined, at: 0 } as const;
  await flow.client.brings({ ...copied, chat: "Bram" as ChatId, id: await remoteOf(flow, event) });
  await settle();
}
