import type { RemoteEvent } from "../../src/core/model/events.ts";
import type { PersonId } from "../../src/core/model/ids.ts";

/** The contact who did it; our own person fails the test. */
export function contactOf({ sender }: RemoteEvent): PersonId {
  if (sender === undefined) throw new Error("our own person did it");
  return sender;
}
