import { Agent, request } from "undici";
import { systemCode } from "../../../core/model/system-code.ts";
import type { SignalServers } from "../servers.ts";

/** Milliseconds in which a host must answer. */
const ANSWER_TIMEOUT = 10_000;

export interface CheckedHost {
  /** Its address without a path. */
  readonly address: string;
  /** The system's or TLS's code; undefined where it answered, whatever it said. */
  readonly failure: string | undefined;
}

/** Whether the storage service and the hosts of files answer, and prove themselves by Signal's certificate. */
export async function checkHosts({
  storage,
  cdns,
  ca,
}: Pick<SignalServers, "storage" | "cdns" | "ca">): Promise<readonly CheckedHost[]> {
  const addresses = new Set([storage, ...cdns.values()].map((address) => new URL(address).origin));
  const dispatcher = new Agent({ connect: { ca } });
  try {
    return await Promise.all(
      Array.from(addresses, async (address) => ({ address, failure: await failureOf(address, dispatcher) })),
    );
  } finally {
    await dispatcher.destroy();
  }
}

async function failureOf(address: string, dispatcher: Agent): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT);
    const { body } = await request(address, { method: "HEAD", dispatcher, signal });
    await body.dump();
    return undefined;
  } catch (error) {
    return systemCode(error) ?? "no answer";
  }
}
