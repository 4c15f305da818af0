import { randomBytes } from "node:crypto";
import type { NetworkName } from "../world/networks.ts";
import type { WorldSettings } from "../world/settings.ts";

export interface DemoUser {
  readonly localpart: string;
  readonly displayName: string;
  readonly password: string;
  readonly optedIn: boolean;
}

/** A contact the sandbox knows already. */
interface DemoContact {
  readonly person: string;
  readonly externalId: string;
  readonly jid: string;
}

/** What the demo stores in its folder for its next start. */
export interface DemoState {
  readonly settings: WorldSettings;
  readonly users: readonly [DemoUser, ...DemoUser[]];
  readonly contacts: Readonly<Partial<Record<NetworkName, DemoContact>>>;
}

/** Two people who use both networks, and one who has not turned anything on. */
export function newPeople(): DemoState["users"] {
  const person = (localpart: string, displayName: string, optedIn: boolean): DemoUser => ({
    localpart,
    displayName,
    password: `demo-${randomBytes(6).toString("hex")}`,
    optedIn,
  });
  return [person("ana", "Ana", true), person("bo", "Bo", true), person("cleo", "Cleo", false)];
}

/** The scripted contacts. */
export const cast = {
  whatsapp: { network: "whatsapp", name: "Wim de Vries", phone: "+31612345678", picture: "hills" },
  messenger: { network: "messenger", name: "Mara Rossi", username: "mara.rossi", picture: "flower" },
} as const;
