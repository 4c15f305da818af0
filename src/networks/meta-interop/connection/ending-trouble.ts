import { BridgeError } from "../../../core/model/errors.ts";
import type { NetworkTrouble } from "../../../core/ports/network.ts";
import type { Profile } from "../profile.ts";
import type { Ending } from "./connection.ts";
import { linkTrouble } from "./link-trouble.ts";

interface EndingContext {
  readonly profile: Pick<Profile, "id" | "name">;
  /** The address of the connection. */
  readonly address: string;
  /** This bridge's public address. */
  readonly issuer: string;
}

/** The trouble that a connection's end shows the administrator; undefined where it concerns its person alone. */
export function endingTrouble(
  ending: Ending,
  { profile, address, issuer }: EndingContext,
): NetworkTrouble | undefined {
  const { name } = profile;
  const trouble = (what: string, cure: string): NetworkTrouble => ({ kind: "link", address, what, cure });
  switch (ending.kind) {
    case "lost":
      // A failure of our own storage is reported where it happens.
      if (ending.fault instanceof BridgeError && ending.fault.reason === "storage") return undefined;
      if (ending.fault === undefined) {
        return trouble(
          `The connection to ${address} is closed again and again.`,
          "There may be a proxy between that ends it early; the bridge goes on trying.",
        );
      }
      return linkTrouble({ ...profile, address }, ending.fault);
    case "replaced":
      return trouble(
        `Another connection with the same ${name} account took this bridge's place.`,
        "Stop the other bridge that runs on a copy of this one's database, then restart this one.",
      );
    case "failure":
      return failureTrouble(ending.reason, name, trouble, () => ({
        kind: "proof",
        address: issuer,
        what: `${name} does not accept this bridge's proof of who people are.`,
        cure: `It fetches the bridge's keys from ${issuer}/.well-known/openid-configuration: check that networks.meta_interop.partner.url is the address agreed with ${name}, that it is reached from outside, and that this machine's clock is right.`,
      }));
    case "restart":
    case "unvouched":
      return undefined;
    default:
      return ending satisfies never;
  }
}

function failureTrouble(
  reason: number,
  name: string,
  trouble: (what: string, cure: string) => NetworkTrouble,
  proof: () => NetworkTrouble,
): NetworkTrouble | undefined {
  switch (reason) {
    case 401:
    case 413:
    case 414:
      return proof();
    case 405:
      return trouble(`${name} says this bridge is too old.`, "Update the bridge.");
    case 410:
      return trouble(
        `${name} no longer works together with this service.`,
        `Ask ${name} about your agreement; when it counts again, the bridge connects by itself.`,
      );
    default:
      return reason >= 500
        ? trouble(
            `${name} has a fault of its own (error ${reason}).`,
            "There is nothing to do here; the bridge goes on trying.",
          )
        : undefined;
  }
}
