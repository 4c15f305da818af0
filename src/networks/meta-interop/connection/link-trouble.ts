import { systemCode } from "../../../core/model/system-code.ts";
import type { NetworkTrouble } from "../../../core/ports/network.ts";
import { WireError } from "../wire/errors.ts";

interface LinkTarget {
  /** As people write it: `WhatsApp`. */
  readonly name: string;
  /** The network's key in the configuration: `whatsapp`. */
  readonly id: string;
  readonly address: string;
}

const tlsCodes = /^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_SSL_|EPROTO$)/;
const nameCodes: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL"]);

/** Tells from the error why a connection to the network could not be made, or broke. */
export function linkTrouble({ name, id, address }: LinkTarget, fault: unknown): NetworkTrouble {
  const trouble = (what: string, cure: string): NetworkTrouble => ({ kind: "link", address, what, cure });
  const section = `networks.${id}`;
  const code = systemCode(fault);
  const status = statusIn(fault);
  if (fault instanceof WireError && fault.reason === "certificate") {
    return trouble(
      `What answers at ${address} does not prove itself by the root key of the configuration.`,
      `Put the key that ${name} gave you under ${section}.root_key. If it is right already, check this machine's clock, and who stands between: nothing was told to that server.`,
    );
  }
  if (fault instanceof WireError || status !== undefined) {
    return trouble(
      `What answers at ${address} is not ${name}'s chat server${status === undefined ? "" : ` (status ${status})`}.`,
      `Check ${section}.url, and that no proxy stands between.`,
    );
  }
  if (code !== undefined && nameCodes.has(code)) {
    return trouble(
      `The name of ${address} is not found (${code}).`,
      `Check ${section}.url for a mistyped name, and this machine's DNS.`,
    );
  }
  if (code !== undefined && tlsCodes.test(code)) {
    return trouble(
      `There is no trustworthy TLS connection to ${address} (${code}).`,
      `Check that ${section}.url begins as it should, with https:// or http://, and that the certificate there is valid.`,
    );
  }
  return trouble(
    `Nothing answers at ${address}${code === undefined ? "" : ` (${code})`}.`,
    `Check ${section}.url and that this machine may reach it. If it is right, the network is down; the bridge goes on trying.`,
  );
}

/** The HTTP status of a server that is no WebSocket server; `ws` gives it in the error's message only. */
function statusIn(error: unknown): number | undefined {
  const status = error instanceof Error ? /^Unexpected server response: (\d{3})$/.exec(error.message) : null;
  return status ? Number(status[1]) : undefined;
}
