import type { Command } from "./command.ts";
import { disable } from "./disable.ts";
import { enable } from "./enable.ts";
import { helpOn } from "./help.ts";
import { networks } from "./networks.ts";
import { no } from "./no.ts";
import { startChat } from "./start-chat.ts";
import { status } from "./status.ts";
import { version } from "./version.ts";
import { yes } from "./yes.ts";

const others: readonly Command[] = [networks, enable, yes, no, disable, startChat, status, version];

/** Everything the bot understands, in the order help lists it. */
export const commands: readonly Command[] = [helpOn(others), ...others];
