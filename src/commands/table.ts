import type { Network } from "../core/ports/network.ts";
import { deadLetters } from "./administration/dead-letters.ts";
import { logins } from "./administration/logins.ts";
import { queues } from "./administration/queues.ts";
import { reconnect } from "./administration/reconnect.ts";
import { remove } from "./administration/remove.ts";
import { renew } from "./administration/renew.ts";
import { capabilities } from "./capabilities.ts";
import type { Command } from "./command.ts";
import { discard } from "./failures/discard.ts";
import { failures } from "./failures/failures.ts";
import { retry } from "./failures/retry.ts";
import { statuses } from "./failures/statuses.ts";
import { createGroup } from "./groups/create-group.ts";
import { leaveGroup } from "./groups/leave-group.ts";
import { helpOn } from "./help/help.ts";
import { inbox } from "./inbox.ts";
import { answer } from "./login/answer.ts";
import { cancel } from "./login/cancel.ts";
import { disable } from "./login/disable.ts";
import { enable } from "./login/enable.ts";
import { more } from "./login/more.ts";
import { no } from "./login/no.ts";
import { yesTo } from "./login/yes.ts";
import { mute, unmute } from "./mute.ts";
import { networks as listed } from "./networks.ts";
import { accept, decline } from "./people/accept.ts";
import { block, unblock } from "./people/block.ts";
import { quiet } from "./people/quiet.ts";
import { report } from "./people/report.ts";
import { requests } from "./people/requests.ts";
import { search } from "./people/search.ts";
import { calls, stories } from "./people/told-kinds.ts";
import { unverified, verified, verify } from "./people/verify.ts";
import { deleteMyData } from "./person-data/delete-my-data.ts";
import { exportMyData } from "./person-data/export-my-data.ts";
import { receipts } from "./receipts.ts";
import { bridge } from "./rooms/bridge.ts";
import { encrypt } from "./rooms/encrypt.ts";
import { deletePortal, unbridge } from "./rooms/end-portal.ts";
import { newRoom } from "./rooms/new-room.ts";
import { settingCommands } from "./setting.ts";
import { settings } from "./settings.ts";
import { startChatOn } from "./start-chat.ts";
import { status } from "./status.ts";
import { timer } from "./timer.ts";
import { version } from "./version.ts";

/** All commands with these networks configured, in the order of help. */
export function commandsFor(networks: readonly Network[]): readonly Command[] {
  const others = [
    listed,
    enable,
    yesTo(networks.flatMap(({ flows }) => flows)),
    no,
    more,
    answer,
    cancel,
    ...settingCommands(networks),
    disable,
    status,
    settings,
    startChatOn(networks),
    search,
    accept,
    decline,
    createGroup,
    leaveGroup,
    timer,
    bridge,
    unbridge,
    newRoom,
    deletePortal,
    encrypt,
    inbox,
    capabilities,
    failures,
    retry,
    discard,
    receipts,
    statuses,
    requests,
    calls,
    stories,
    quiet,
    mute,
    unmute,
    block,
    unblock,
    report,
    verify,
    verified,
    unverified,
    exportMyData,
    deleteMyData,
    version,
    logins,
    queues,
    deadLetters,
    reconnect,
    renew,
    remove,
  ];
  return [helpOn(others), ...others];
}
