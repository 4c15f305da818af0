import { commandRunner } from "../commands/runner.ts";
import { accessOf } from "../config/access.ts";
import { type Bridge, makeBridge } from "../core/bridge.ts";
import type { BridgeParts } from "../core/bridge-parts.ts";
import { matrixEncoderWith } from "../matrix/events/encode.ts";
import { type BridgeConfig, networkNames } from "../networks/registry.ts";

const BOT_NAME = "Third-party chats bot";

/** What of the configuration the core needs. */
export interface Wanted {
  names: BridgeConfig["names"];
  readonly media: Pick<BridgeConfig["media"], "captions">;
  readonly permissions: BridgeConfig["permissions"];
}

/** What follows from the configuration. */
type Decided = "encoder" | "contactName" | "networkNames" | "botName" | "access" | "commands";

/** What is around the core; `access` stands in place of the configured permissions. */
interface Around extends Omit<BridgeParts, Decided>, Partial<Pick<BridgeParts, "access">> {
  /** The bridge's own, for the command that tells it. */
  readonly version: string;
}

/** The core as the configuration wants it, between a homeserver, networks and a store. */
export function configuredBridge(
  { names, media, permissions }: Readonly<Wanted>,
  { version, ...around }: Around,
): Promise<Bridge> {
  return makeBridge({
    encoder: matrixEncoderWith(media.captions),
    contactName: names.contact,
    networkNames,
    botName: BOT_NAME,
    access: accessOf(permissions),
    commands: (scope) => commandRunner({ ...scope, clock: around.clock, version }),
    ...around,
  });
}
