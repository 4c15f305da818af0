import { z } from "zod";
import { isSection } from "../config/document.ts";
import type { Config, NetworksConfig } from "../config/schema.ts";
import type { NetworkId } from "../core/model/ids.ts";
import type { ExaminedLink, ExamineNeeds, FamilyNeeds, FamilyNetworks, NetworkFamily } from "./family.ts";
import { metaInteropFamily } from "./meta-interop/family.ts";
import { signalFamily } from "./signal/family.ts";

/** The families the bridge can speak to. A new family is added here. */
const families = [metaInteropFamily, signalFamily] as const satisfies readonly NetworkFamily[];

type Families = (typeof families)[number];
type Intersection<Each> = (Each extends unknown ? (one: Each) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;
type AllSections = Intersection<Families["sections"]>;

const sections = Object.assign({}, ...families.map((family) => family.sections)) as AllSections;
const schema = z.strictObject(sections).superRefine(needsShared, { when: ({ value }) => isSection(value) });

/** What the configuration's loader needs to know of the networks. */
export const networksConfig: NetworksConfig<typeof schema> = {
  schema,
  moved: families.flatMap((family) => family.moved),
  contradictions: (networks, context) =>
    families.flatMap((family) => family.contradictions(networks, context)),
};

/** The whole configuration, with these families' sections in it. */
export type BridgeConfig = Config<typeof schema>;

/**
 * A section that a family's networks share counts as empty where it is left out and needed, so that each of its missing
 * values is named by itself.
 */
function needsShared(value: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void {
  const isConfigured = ({ id }: { readonly id: string }): boolean => value[id] !== undefined;
  const isAny = families.some(({ networks }) => networks.some(isConfigured));
  for (const family of families) {
    const { shared, networks, sections: own }: NetworkFamily = family;
    const section = shared === undefined ? undefined : own[shared];
    if (shared === undefined || section === undefined || value[shared] !== undefined) continue;
    if (isAny && !networks.some(isConfigured)) continue;
    for (const issue of section.safeParse({}).error?.issues ?? [])
      context.addIssue({ ...issue, path: [shared, ...issue.path] });
  }
}

const offered = families.flatMap((family) => family.networks);

/** All networks as people write them, configured or not. */
export const networkNames: readonly string[] = offered.map(({ name }) => name);

/** The ids of all networks, configured or not. */
export const networkIds: readonly string[] = offered.map(({ id }) => id);

/** The names of the sections these networks need: their own, and what their families' networks share. */
export function sectionsOf(ids: readonly string[]): readonly (keyof AllSections)[] {
  return families
    .filter((family) => family.networks.some(({ id }) => ids.includes(id)))
    .flatMap(({ sections: own, networks }) =>
      (Object.keys(own) as (keyof typeof own)[]).filter(
        (name) => ids.includes(name) || networks.every(({ id }) => id !== name),
      ),
    );
}

/** The ids of the networks that are configured. */
export function configuredIds({ networks }: Pick<BridgeConfig, "networks">): readonly NetworkId[] {
  return offered.map(({ id }) => id).filter((id) => Reflect.get(networks, id) !== undefined);
}

/** The networks that are configured, family by family. */
export function configuredNetworks(
  { networks }: Pick<BridgeConfig, "networks">,
  needs: FamilyNeeds,
): readonly FamilyNetworks[] {
  return families.map((family) => family.build(networks, needs));
}

/** Tries the links of the networks that are configured, family by family. */
export async function* examinedNetworks(
  { networks }: Pick<BridgeConfig, "networks">,
  needs: ExamineNeeds,
): AsyncGenerator<ExaminedLink> {
  for (const family of families) {
    const logins = needs.logins.filter(({ network }) => family.networks.some(({ id }) => id === network));
    yield* family.examine(networks, { ...needs, logins });
  }
}
