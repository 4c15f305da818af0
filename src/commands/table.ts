import { block, unblock } from "./block.ts";
import { capabilities } from "./capabilities.ts";
import type { Command } from "./command.ts";
import { country } from "./consent/country.ts";
import { disable } from "./consent/disable.ts";
import { enable } from "./consent/enable.ts";
import { no } from "./consent/no.ts";
import { yes } from "./consent/yes.ts";
import { helpOn } from "./help.ts";
import { inbox } from "./inbox.ts";
import { mute, unmute } from "./mute.ts";
import { networks } from "./networks.ts";
import { newRoom } from "./new-room.ts";
import { receipts } from "./receipts.ts";
import { remove } from "./remove.ts";
import { report } from "./report.ts";
import { retry } from "./retry.ts";
import { startChat } from "./start-chat.ts";
import { status } from "./status.ts";
import { unverified, verified, verify } from "./verify.ts";
import { version } from "./version.ts";

const others: readonly Command[] = [
  networks,
  enable,
  yes,
  no,
  country,
  disable,
  status,
  startChat,
  newRoom,
  inbox,
  capabilities,
  retry,
  receipts,
  mute,
  unmute,
  block,
  unblock,
  report,
  verify,
  verified,
  unverified,
  version,
  remove,
];

/** Everything the bot understands, in the order help lists it. */
export const commands: readonly Command[] = [helpOn(others), ...others];
