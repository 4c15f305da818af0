import { BridgeError } from "../../../core/model/errors.ts";
import type { UserId } from "../../../core/model/ids.ts";
import type { Profile } from "../profile.ts";
import { generateKeyPair } from "../wire/noise/x25519.ts";
import type { Identifier } from "./account.ts";
import { deleteEnlist, tryEnlist } from "./enlist-api.ts";
import { makeToken, type TokenMaker } from "./token.ts";

interface TrialParts {
  readonly profile: Pick<Profile, "id" | "name">;
  /** The network's interface, without a slash at the end. */
  readonly url: string;
  readonly tokens: TokenMaker;
  readonly type: Identifier["type"];
  /** The bridge's own account, which is nobody's. */
  readonly bot: UserId;
}

/** What a network makes of our proofs. */
export type Trial =
  | { readonly kind: "accepted" | "later"; readonly what: string }
  | {
      readonly kind: "refused";
      /** Whether what stands as our public address is most likely wrong, and not the network's. */
      readonly isOurs: boolean;
      readonly what: string;
      readonly cure: string;
    };

/** Outside the EEA, for whose people alone a network enlists anybody. */
const ELSEWHERE = "US";
/** A number that nobody has (North American Numbering Plan: 555-0100 to 555-0199 are for fiction). */
const NOBODYS_NUMBER = "+12025550100";

/**
 * Asks for an enlistment that must be refused, of nobody and from outside the EEA: the network looks at that after our
 * proof, so the refusal shows that it knows this bridge and accepts its proofs. One that is not refused is taken back at
 * once.
 */
export async function tryToEnlist({ profile, url, tokens, type, bot }: TrialParts): Promise<Trial> {
  const { name } = profile;
  const audience = `${url}/v1/enlist`;
  const endpoint = { url: audience, network: name, stopping: undefined };
  const identifier = { type, value: nobody(type, bot) };
  const { publicKey: noiseKey } = generateKeyPair();
  const proof = () => makeToken(tokens, { identifier, audience, noiseKey, country: ELSEWHERE });
  try {
    const { status, code, accountId } = await tryEnlist(endpoint, await proof());
    if (accountId !== undefined) await deleteEnlist(endpoint, accountId, await proof());
    return read({ name, issuer: tokens.issuer, status, code, wasMade: accountId !== undefined });
  } catch (error) {
    const words = error instanceof BridgeError ? error.words : `${name} does not answer at ${audience}.`;
    return { kind: "refused", isOurs: false, what: words, cure: `Check networks.${profile.id}.url.` };
  }
}

function nobody(type: Identifier["type"], bot: UserId): string {
  if (type === "pn") return NOBODYS_NUMBER;
  if (type === "username") return bot;
  return bot.replace(/^@([^:]*):/, "$1@").replace(/:\d+$/, "");
}

interface TrialOutcome {
  readonly name: string;
  readonly issuer: string;
  readonly status: number;
  readonly code: string | undefined;
  readonly wasMade: boolean;
}

function read({ name, issuer, status, code, wasMade }: TrialOutcome): Trial {
  const why = `status ${status}${code === undefined ? "" : `, ${code}`}`;
  const refused = (isOurs: boolean, what: string, cure: string): Trial => ({
    kind: "refused",
    isOurs,
    what,
    cure,
  });
  if (wasMade) {
    return { kind: "accepted", what: "an enlistment of nobody was tried and taken, and is taken back" };
  }
  switch (status) {
    case 403:
      return {
        kind: "accepted",
        what: "it knows this bridge and accepts its proofs: an enlistment of nobody outside the EEA was tried, and refused for that alone",
      };
    case 401:
      return refused(
        true,
        `${name} does not accept this bridge's proofs of who people are (${why}).`,
        `They come from ${issuer}, as networks.meta_interop.partner.url has it: that and partner.identifier must be what ${name} has of you, letter for letter.`,
      );
    case 410:
      return refused(
        false,
        `${name} does not work together with this service (${why}).`,
        `Ask ${name} about your agreement.`,
      );
    case 429:
      return { kind: "later", what: `not tried, as ${name} asks to come later` };
    case 503:
      return code === "keys-unreachable"
        ? refused(
            true,
            `${name} cannot fetch this bridge's keys at ${issuer} (${why}).`,
            `Have that address reach networks.meta_interop.partner.listen from outside too: its name, its certificate, the firewall and the reverse proxy.`,
          )
        : refused(false, `${name} has a fault of its own (${why}).`, "There is nothing to do here.");
    default:
      return refused(
        false,
        `${name} answers an enlistment in a way this bridge does not know (${why}).`,
        "See that no proxy stands between, and that the bridge is up to date.",
      );
  }
}
