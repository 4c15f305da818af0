import type { ExaminedLink, ExamineNeeds } from "../family.ts";
import type { SignalSection } from "./config.ts";

const SERVER = ["networks", "signal", "server"];

/** Tries whether the chat server takes a connection; no login's own, as that would end the running bridge's. */
export async function* examineSignal(
  { server }: SignalSection,
  { clock, logins }: Pick<ExamineNeeds, "clock" | "logins">,
): AsyncGenerator<ExaminedLink> {
  // Imported only here, so that the bridge's start does not wait for libsignal.
  const [{ signalServers }, { ServerAccess }, { checkServer }] = await Promise.all([
    import("./servers.ts"),
    import("./connection/server-access.ts"),
    import("./connection/network-check.ts"),
  ]);
  await using access = new ServerAccess(signalServers(server), clock);
  const began = performance.now();
  const trouble = await checkServer(access);
  const took = Math.round(performance.now() - began);
  const which = typeof server === "string" ? server : "a server of your own";
  const count = logins.length === 1 ? "1 account is" : `${logins.length} accounts are`;
  yield {
    name: "signal",
    findings:
      trouble === undefined
        ? [
            { kind: "good", what: `${access.address} (${which}) takes connections, in ${took} ms` },
            {
              kind: "untried",
              what: `${count} linked; whether Signal still knows them, “status” tells each person`,
            },
          ]
        : [{ kind: "bad", path: SERVER, what: trouble.what, cure: trouble.cure }],
  };
}
