import { setTimeout as pause } from "node:timers/promises";
import type { MatrixClient } from "../matrix/client.ts";
import type { RoomEvent } from "../matrix/sync-response.ts";
import type { Phone } from "../sandbox/control.ts";
import type { Screen } from "./screen.ts";
import type { Shown } from "./shown.ts";

/** Shows a phone's new items until aborted, also after the sandbox was away. */
export async function watchPhone(
  phone: Phone,
  owner: string,
  network: string,
  { screen, shown, signal }: { readonly screen: Screen; readonly shown: Shown; readonly signal: AbortSignal },
): Promise<void> {
  let since = (await phone.inbox()).next;
  while (!signal.aborted) {
    try {
      const { items, next } = await phone.inbox(since, 20_000);
      since = next;
      for (const { kind, from_name, text, receipt, target } of items) {
        if (kind === "receipt") await shown.of(target);
        if (signal.aborted) return;
        if (kind === "text")
          screen.message(`  ${owner}'s phone, ${network} ‹`, "greenBright", `${from_name}: ${text}`);
        else if (kind === "receipt")
          screen.message(`  ${owner}'s phone, ${network} ‹`, "dim", `✓ ${receipt}`);
        else screen.message(`  ${owner}'s phone, ${network} ‹`, "dim", kind);
      }
    } catch {
      await pause(500);
    }
  }
}

/** Shows the messages of others that a person's Matrix client gets from now on. */
export function watchClient(client: MatrixClient, owner: string, screen: Screen): void {
  const names = new Map<string, string>();
  const learn = ({ type, stateKey, content }: RoomEvent): void => {
    const name = content["displayname"];
    if (type === "m.room.member" && stateKey !== undefined && typeof name === "string")
      names.set(stateKey, name);
  };
  client.timeline.forEach(learn);
  client.onEvent = (event) => {
    learn(event);
    const { type, sender, content } = event;
    if (type !== "m.room.message" || sender === client.userId) return;
    screen.message(
      `  ${owner}'s Matrix ‹`,
      "cyanBright",
      `${names.get(sender) ?? sender}: ${String(content["body"])}`,
    );
  };
}
