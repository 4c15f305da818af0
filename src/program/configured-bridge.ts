import { commandRunner } from "../commands/runner.ts";
import { accessOf } from "../config/access.ts";
import { type Bridge, makeBridge } from "../core/bridge.ts";
import type { BridgeParts } from "../core/bridge-parts.ts";
import { matrixEncoderWith } from "../matrix/events/encode.ts";
import { type BridgeConfig, networkNames } from "../networks/registry.ts";

const BOT_NAME = "Third-party chats bot";

/** The part of the configuration that the core needs. */
export interface CoreConfig {
  names: BridgeConfig["names"];
  readonly media: Pick<BridgeConfig["media"], "captions">;
  readonly delivery: BridgeConfig["delivery"];
  readonly permissions: BridgeConfig["permissions"];
}

/** The parts of the bridge that the configuration decides. */
type FromConfig =
  | "encoder"
  | "contactName"
  | "networkNames"
  | "botName"
  | "statusChoice"
  | "access"
  | "commands";

/** What surrounds the core; `access` replaces the configured permissions. */
interface ConfiguredBridgeParts extends Omit<BridgeParts, FromConfig>, Partial<Pick<BridgeParts, "access">> {
  /** The bridge's version, for the command that tells it. */
  readonly version: string;
}

/** Makes the core by its configuration, between a homeserver, networks and a store. */
export function configuredBridge(
  { names, media, delivery, permissions }: Readonly<CoreConfig>,
  { version, ...around }: ConfiguredBridgeParts,
): Promise<Bridge> {
  return makeBridge({
    encoder: matrixEncoderWith(media.captions),
    contactName: names.contact,
    networkNames,
    botName: BOT_NAME,
    statusChoice: delivery.statuses,
    access: accessOf(permissions),
    commands: (scope) => commandRunner({ ...scope, clock: around.clock, version }),
    ...around,
  });
}
