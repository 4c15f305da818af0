import type { NetworkTrouble } from "../../../core/ports/network.ts";
import { serviceFailure } from "../service/service-errors.ts";
import type { ServerAccess } from "./server-access.ts";

/** Milliseconds in which the server must answer. */
const ANSWER_TIMEOUT = 10_000;

/** Whether the chat server takes a connection on which nobody is named; undefined where it does. */
export async function checkServer({
  net: shared,
  address,
}: ServerAccess): Promise<NetworkTrouble | undefined> {
  const { net } = shared;
  const abortSignal = AbortSignal.timeout(ANSWER_TIMEOUT);
  try {
    const connection = await net.connectUnauthenticatedChat(
      { onConnectionInterrupted: () => undefined },
      { abortSignal },
    );
    await connection.disconnect();
    return undefined;
  } catch (error) {
    shared.failed(net);
    return serviceFailure(error).kind === "too-old" ? tooOld(address) : unreachable(address);
  }
}

/** The server no longer serves this version of the bridge. */
export const tooOld = (address: string): NetworkTrouble => ({
  kind: "proof",
  address,
  what: "Signal no longer serves this version of the bridge (error 499).",
  cure: "Update the bridge: Signal wants its clients to be no older than some months.",
});

const unreachable = (address: string): NetworkTrouble => ({
  kind: "link",
  address,
  what: `Signal's server at ${address} cannot be reached, or does not prove itself by its certificate.`,
  cure: "Check that this machine reaches that address, without a proxy that opens encrypted connections. If it is a server of your own, check that it runs, and that networks.signal.server has its port and its certificate's.",
});
