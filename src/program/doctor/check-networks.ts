import type { UserId } from "../../core/model/ids.ts";
import type { NetworkFinding } from "../../networks/family.ts";
import { examinedNetworks } from "../../networks/registry.ts";
import type { Stored } from "../../store/examine.ts";
import { namesOf } from "../configuration.ts";
import { processClock, processRandom } from "../process-clock.ts";
import { bad, type Finding, note } from "./finding.ts";
import type { Link } from "./link.ts";
import { type Patient, placeOf } from "./patient.ts";
import { standIn } from "./stand-in.ts";

/** Tries each network, by what its family knows to try. */
export async function* checkNetworks(patient: Patient, stored: Stored | undefined): AsyncGenerator<Link> {
  const { config } = patient.loaded;
  const { botLocalpart, serverName } = namesOf(config);
  const needs = {
    records: stored?.records ?? { get: async () => undefined },
    logins: (await stored?.logins.all()) ?? [],
    bot: `@${botLocalpart}:${serverName}` as UserId,
    clock: processClock,
    random: processRandom,
    standIn: standInByRoutes,
  };
  const placed = (finding: NetworkFinding): Finding =>
    finding.kind === "bad" ? bad(placeOf(patient, ...finding.path), finding.what, finding.cure) : finding;
  let isNone = true;
  for await (const { name, findings } of examinedNetworks(config, needs)) {
    isNone = false;
    yield { name, findings: findings.map(placed) };
  }
  if (isNone) yield { name: "networks", findings: [note("no network is configured yet")] };
}

const standInByRoutes: Parameters<typeof examinedNetworks>[1]["standIn"] = (listen, routes) =>
  standIn(listen, async ({ method = "", url = "" }) => {
    const path = url.split("?", 1)[0] ?? "";
    const route = routes.find((each) => each.method === method && each.path === path);
    if (route === undefined) return undefined;
    const { status, body } = await route.handle({ method, path, headers: {}, body: new Uint8Array() });
    return { status, body: typeof body === "string" ? (JSON.parse(body) as unknown) : undefined };
  });
