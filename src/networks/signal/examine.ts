import { BridgeError } from "../../core/model/errors.ts";
import type { ExaminedLink, ExamineNeeds, NetworkFinding } from "../family.ts";
import type { SignalSection } from "./config.ts";
import type { CheckedHost } from "./media/check-hosts.ts";

const SERVER = ["networks", "signal", "server"];

/**
 * Tries whether the chat server takes a connection, no login's own, as that would end the running bridge's; and whether
 * the other hosts answer.
 */
export async function* examineSignal(
  { server }: SignalSection,
  { clock, logins }: Pick<ExamineNeeds, "clock" | "logins">,
): AsyncGenerator<ExaminedLink> {
  // Imported only here, so that the bridge's start does not wait for libsignal.
  const [{ signalServers }, { ServerAccess }, { checkServer }, { checkHosts }] = await Promise.all([
    import("./servers.ts"),
    import("./connection/server-access.ts"),
    import("./connection/network-check.ts"),
    import("./media/check-hosts.ts"),
  ]);
  const servers = usable(() => signalServers(server));
  if (servers instanceof BridgeError) {
    const cure = "The page docs/signal.md says where they come from.";
    yield { name: "signal", findings: [{ kind: "bad", path: SERVER, what: servers.words, cure }] };
    return;
  }
  await using access = new ServerAccess(servers, clock);
  const began = performance.now();
  const trouble = await checkServer(access);
  const took = Math.round(performance.now() - began);
  const which = typeof server === "string" ? server : "a server of your own";
  yield {
    name: "signal",
    findings: [
      trouble === undefined
        ? { kind: "good", what: `${access.address} (${which}) takes connections, in ${took} ms` }
        : { kind: "bad", path: SERVER, what: trouble.what, cure: trouble.cure },
      ...(await checkHosts(servers)).map(hostFinding),
      ...(trouble === undefined ? [accounts(logins.length)] : []),
    ],
  };
}

/** What cannot be used is said among the other findings. */
function usable<Servers>(read: () => Servers): Servers | BridgeError {
  try {
    return read();
  } catch (error) {
    if (error instanceof BridgeError) return error;
    throw error;
  }
}

function accounts(count: number): NetworkFinding {
  const linked = count === 1 ? "1 account is" : `${count} accounts are`;
  const what = `${linked} linked; whether Signal still knows them, “status” tells each person`;
  return { kind: "note", what };
}

function hostFinding({ address, failure }: CheckedHost): NetworkFinding {
  if (failure === undefined) return { kind: "good", what: `${address} answers` };
  return {
    kind: "bad",
    path: SERVER,
    what: `${address} cannot be reached, or does not prove itself by its certificate (${failure}). Files, or contacts' names, cannot cross.`,
    cure: "Check that this machine reaches that address, without a proxy that opens encrypted connections.",
  };
}
