import type { ChatId, PersonId } from "../../core/model/ids.ts";
import { SerialByKey } from "../../core/runtime/serial-by-key.ts";
import { GroupCatchUp } from "./groups/group-catch-up.ts";
import { GroupCredentials } from "./groups/group-credentials.ts";
import { GroupNews } from "./groups/group-news.ts";
import { GroupServer } from "./groups/group-server.ts";
import type { LoginContext } from "./login-context.ts";
import type { SignalFiles } from "./media/signal-files.ts";
import { signalFamily } from "./records.ts";
import type { SignalServers } from "./servers.ts";
import { USER_AGENT } from "./service/shared-net.ts";
import { IncomingGroups } from "./session/groups/incoming-groups.ts";

interface GroupSources {
  readonly servers: Pick<SignalServers, "storage" | "zkParams">;
  readonly files: Pick<SignalFiles, "dispatcher">;
  readonly stopping?: AbortSignal | undefined;
  /** See {@link GroupCatchUp}. */
  readonly met: (people: readonly PersonId[]) => void;
  readonly release: (chat: ChatId) => Promise<boolean>;
}

/** What a login does about groups. */
export interface OpenGroups {
  readonly server: GroupServer;
  readonly catchUp: GroupCatchUp;
  readonly incoming: IncomingGroups;
  /** Runs work in which a group's state is read and written, one after the other with all that does so. */
  readonly exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>;
}

/** A login's groups, over its connection and the storage host. Rejects where the store cannot be read. */
export async function openGroups(
  context: LoginContext,
  { servers, files, stopping, met, release }: GroupSources,
): Promise<OpenGroups> {
  const { store, login, account, clock } = context;
  const { zkParams, storage: address } = servers;
  const connection = async () => (await context.chat()).authenticated;
  const credentials = new GroupCredentials({ account, zkParams, connection, clock });
  const host = { address, dispatcher: files.dispatcher, userAgent: USER_AGENT, stopping };
  const server = new GroupServer(host, credentials);
  const serial = new SerialByKey();
  const exclusively = <Value>(work: () => Promise<Value>): Promise<Value> => serial.run("groups", work);
  const holding = new Set(await store.family(signalFamily).holding(login));
  const catchUp = new GroupCatchUp({ context, server, exclusively, holding, met, release });
  const news = new GroupNews({ context, zkParams, holding });
  const incoming = new IncomingGroups({ context, news, holding, wake: catchUp.wake });
  return { server, catchUp, incoming, exclusively };
}
