import { z } from "zod";
import { isSection, withValue } from "../../config/document.ts";
import { localUrl } from "../../config/listen.ts";
import { commentedYaml, neededIn } from "../../config/outline.ts";
import type { FoundHomeserver } from "../../matrix/discovery/discovery.ts";
import { networksConfig, sectionsOf } from "../../networks/registry.ts";
import type { Permissions } from "./answers.ts";

export interface ConfigFacts {
  readonly homeserver: FoundHomeserver;
  /** `host:port`. */
  readonly listen: string;
  /** How the homeserver reaches the bridge. */
  readonly url: string;
  readonly networks: NetworkSections;
  readonly permissions: Permissions;
  readonly health: string;
  /** Where it listens, and the address people's browsers use. */
  readonly provisioning: { readonly listen: string; readonly url: string };
}

/** The section `networks`, with words for what is to be filled in. */
export interface NetworkSections {
  readonly value: Readonly<Record<string, unknown>>;
  readonly about: readonly { readonly path: readonly string[]; readonly what: string }[];
}

/** A short configuration; what it leaves out has the usual values. */
export function configYaml({ homeserver, networks, permissions, health, ...reached }: ConfigFacts): string {
  const value = {
    homeserver: { url: homeserver.url, server_name: homeserver.serverName },
    appservice: listener({ listen: reached.listen, url: reached.url }),
    ...(Object.keys(networks.value).length === 0 ? {} : { networks: networks.value }),
    permissions,
    health: { listen: health },
    provisioning: listener(reached.provisioning),
  };
  const heading = "Of this bridge; config/config.sample.yaml explains these values and all others.";
  return commentedYaml(value, heading, networks.about);
}

/** A section without its `url` where that is the usual one. */
function listener({ listen, url }: { readonly listen: string; readonly url: string }) {
  const [host = "", port = ""] = listen.split(/:(?=\d+$)/);
  const usual = localUrl({ host: host.replace(/^\[|\]$/g, ""), port: Number(port) });
  return url === usual ? { listen } : { listen, url };
}

/** The sections of real networks: examples where only their agreement has the value, and free addresses to listen on. */
export async function sectionsToFillIn(
  ids: readonly string[],
  freeAddress: (usual: string) => Promise<string>,
): Promise<NetworkSections> {
  let value: Readonly<Record<string, unknown>> = {};
  const about: { path: readonly string[]; what: string }[] = [];
  for (const name of sectionsOf(ids)) {
    const section = networksConfig.schema.shape[name];
    if (!(section instanceof z.ZodType)) continue;
    // A network without a value to fill in is turned on by its section alone.
    if (ids.includes(name)) value = withValue(value, [name], {});
    for (const { path, what, example } of neededIn(section)) {
      const listens = path.at(-1) === "listen";
      value = withValue(value, [name, ...path], listens ? await freeAddress(example) : example);
      if (!listens) about.push({ path: ["networks", name, ...path], what: `To fill in: ${what}.` });
    }
  }
  return { value, about };
}

/** The section `networks` as the sandbox tells it. */
export function sectionsTold(configuration: unknown): NetworkSections["value"] {
  const networks = isSection(configuration) ? configuration["networks"] : undefined;
  if (!isSection(networks)) throw new Error("the sandbox told no networks");
  return networks;
}
