import { isLoopback, localUrl, shownListen } from "../../config/listen.ts";
import { systemCode } from "../../core/model/system-code.ts";
import { noLog } from "../../core/ports/log.ts";
import type { NetworkTrouble } from "../../core/ports/network.ts";
import type { Login } from "../../core/ports/rows.ts";
import type { ExaminedLink, ExamineNeeds, NetworkFinding } from "../family.ts";
import { readAccount } from "./account/account.ts";
import { AllowedHosts } from "./account/allowed-hosts.ts";
import { JwtKeys, type KeyStore } from "./account/jwt-keys.ts";
import { JWKS_PATH, partnerRoutes } from "./account/partner-routes.ts";
import { tryToEnlist } from "./account/trial.ts";
import { decodeRootKey, type NetworkSection, SHARED, type SharedSection } from "./config.ts";
import { linkTrouble } from "./connection/link-trouble.ts";
import { checkLink, checkProof, showsOurs } from "./connection/network-check.ts";
import { proveServer } from "./connection/prove-server.ts";
import type { Profile } from "./profile.ts";

interface Examined {
  readonly partner: SharedSection["partner"];
  readonly networks: readonly (NetworkSection & { readonly profile: Profile })[];
}

const PARTNER = [...SHARED, "partner"];

const bad = (
  path: readonly string[],
  { what, cure }: Pick<NetworkTrouble, "what" | "cure">,
): NetworkFinding => ({
  kind: "bad",
  path,
  what,
  cure,
});

/**
 * Tries the public address, and of each network its address, its clock, its chat server's proof by the root key, and an
 * enlistment that must be refused.
 */
export async function* examineNetworks(
  { partner, networks }: Examined,
  needs: ExamineNeeds,
): AsyncGenerator<ExaminedLink> {
  if (networks.length === 0) return;
  const { clock, random } = needs;
  const keys = new JwtKeys(readOnly(needs.records), clock);
  const issuer = partner.url;
  const tokens = { issuer, keys, clock, random };
  await using own = new AsyncDisposableStack();
  yield { name: "public address", findings: [await publicAddress(partner, keys, needs, own)] };
  for (const { profile, ...section } of networks) {
    const { id } = profile;
    const began = performance.now();
    const trouble = await checkLink({ profile, url: section.url, clock });
    const took = Math.round(performance.now() - began);
    const findings: NetworkFinding[] =
      trouble === undefined
        ? [{ kind: "good", what: `answers at ${section.url} in ${took} ms, and has this machine's time` }]
        : [
            bad(
              ["networks", id, "url"],
              isLoopback(new URL(section.url).hostname) ? played(trouble) : trouble,
            ),
          ];
    if (trouble?.kind !== "link") {
      const logins = needs.logins.filter(({ network }) => network === id);
      findings.push(await rootKey(profile, section, logins, new Date(clock.now())));
      const trial = await tryToEnlist({
        profile,
        url: section.url,
        tokens,
        type: partner.identifier,
        bot: needs.bot,
      });
      if (trial.kind === "refused")
        findings.push(bad(trial.isOurs ? [...PARTNER, "url"] : ["networks", id, "url"], trial));
      else findings.push({ kind: trial.kind === "accepted" ? "good" : "untried", what: trial.what });
    }
    yield { name: id, findings };
  }
}

/** What is on this machine is a sandbox, which is started by itself or along with the bridge. */
const played = (trouble: NetworkTrouble): NetworkTrouble => ({
  ...trouble,
  cure: `If that is the sandbox, start it; “start --sandbox FILE” does so with the bridge. ${trouble.cure}`,
});

/** Whether what answers at our public address are this bridge's keys; where no bridge runs, the check shows them. */
async function publicAddress(
  { url, listen }: SharedSection["partner"],
  keys: JwtKeys,
  { clock, standIn }: ExamineNeeds,
  own: AsyncDisposableStack,
): Promise<NetworkFinding> {
  const shown = shownListen(listen);
  const routes = partnerRoutes({ issuer: url, keys, gatekeepers: [], wake: () => false, clock, log: noLog });
  let isOurs: boolean;
  try {
    // What a network pushes meanwhile is not taken, so that it comes again.
    ({ isOurs } = own.use(
      await standIn(
        listen,
        routes.filter(({ method }) => method === "GET"),
      ),
    ));
  } catch (error) {
    return bad([...PARTNER, "listen"], {
      what: `${shown} cannot be listened on (${systemCode(error) ?? "unknown"}).`,
      cure: "Give it an address of this machine, and a port above 1023.",
    });
  }
  // Asked for its keys a bridge makes and stores them, so that they can be compared.
  const isBridge = isOurs || (await hasOurs(`${localUrl(listen)}${JWKS_PATH}`, keys));
  if (!isBridge) {
    return bad([...PARTNER, "listen"], {
      what: `What listens on ${shown} is not this bridge.`,
      cure: "End that program, or give the bridge another port there and in the reverse proxy; if it is a bridge, it runs on another database.",
    });
  }
  const began = performance.now();
  const trouble = await checkProof({ issuer: url, keys });
  if (trouble !== undefined) return bad([...PARTNER, "url"], trouble);
  const took = Math.round(performance.now() - began);
  const who = isOurs ? "this check in the bridge's place" : "the bridge";
  return { kind: "good", what: `${url} reaches ${who} in ${took} ms, and shows this bridge's keys` };
}

async function hasOurs(address: string, keys: JwtKeys): Promise<boolean> {
  try {
    return await showsOurs(address, keys);
  } catch {
    return false;
  }
}

/** Whether a chat server proves itself by the root key; only somebody's enlistment tells where it is. */
async function rootKey(
  profile: Profile,
  section: NetworkSection,
  logins: readonly Login[],
  now: Date,
): Promise<NetworkFinding> {
  const [url] = logins.flatMap(({ account }) => chatUrlIn(account));
  if (url === undefined) {
    return {
      kind: "note",
      what: "the root key was not tried: where its chat server is, the first enlistment tells",
    };
  }
  const path = ["networks", profile.id, "root_key"];
  try {
    new AllowedHosts({ profile, section, log: noLog }).require(url);
    await proveServer({ url, rootKey: decodeRootKey(section.root_key), now });
    return { kind: "good", what: "its chat server proves itself by the root key" };
  } catch (fault) {
    return bad(path, linkTrouble({ ...profile, address: url }, fault));
  }
}

function chatUrlIn(account: string): readonly string[] {
  try {
    return [readAccount(account).chatUrl];
  } catch {
    return [];
  }
}

/** The bridge's records, over which new keys are kept in memory alone. */
function readOnly(records: ExamineNeeds["records"]): KeyStore {
  const made = new Map<string, string>();
  const nameOf = (scope: string, name: string): string => JSON.stringify([scope, name]);
  return {
    records: {
      get: async (scope, name) => made.get(nameOf(scope, name)) ?? (await records.get(scope, name)),
    },
    async write(record) {
      record({ records: { set: (scope, name, value) => void made.set(nameOf(scope, name), value) } });
    },
  };
}
