import { BridgeError } from "../core/model/errors.ts";
import { systemCode } from "../core/model/system-code.ts";

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The error of a listener to which the system refuses an address, in words for whoever runs the bridge. */
export function cannotListen(name: string, { host, port }: Address, cause: unknown): BridgeError {
  const why =
    systemCode(cause) === "EADDRINUSE"
      ? "another program (or another start of this bridge) has it. End that one or choose another port."
      : "the system refuses it. Check the address, and that ports under 1024 are allowed to this user.";
  const words = `The ${name} cannot listen on ${host}:${port}: ${why}`;
  return new BridgeError("bad-input", { words, certain: true, cause });
}
