import { cleanName } from "../model/names.ts";
import { skeletonOf, wordsAlike } from "../model/skeleton.ts";

const UNNAMED_CONTACT = "Unnamed contact";
/** An @ at the beginning of a word, which would make a mention of everybody or of a user. */
const SIGIL = /(?<![\p{L}\p{N}_.+-])[@＠﹫]+(?=\S)/gu;
const EMPTY_BRACKETS = /[\p{Ps}<＜] ?[\p{Pe}>＞]/gu;
const BRACKETED = /[\p{Ps}<＜]([^\p{Ps}\p{Pe}<>＜＞]{1,64})(?:[\p{Pe}>＞]|$)/gu;
/** The placeholders in the configured template. */
const NAME = "{name}";
const NETWORK = "{network}";

export interface ContactNamesParts {
  /** How contacts are shown: `{name}` is the contact's name, `{network}` the network's. */
  readonly template: string;
  /** The names of all networks, configured or not, as people write them. */
  readonly networks: readonly string[];
  /** The bot's own name. */
  readonly bot: string;
}

/**
 * Makes contacts' names: the bare one among their network's people, and the one shown where they could be taken for
 * others.
 */
export class ContactNames {
  readonly #template: string;
  readonly #networks: ReadonlySet<string>;
  /** The skeletons of what the template puts before and after names, for every network. */
  readonly #before: readonly string[];
  readonly #behind: readonly string[];
  readonly #bot: string;

  constructor({ template, networks, bot }: ContactNamesParts) {
    this.#template = template;
    this.#networks = new Set(networks.map(wordsAlike));
    const [before = "", ...behind] = template.split(NAME);
    const of = (part: string) => new Set(networks.map((name) => skeletonOf(fillTemplate(part, "", name))));
    this.#before = [...of(before)].filter((part) => part !== "");
    this.#behind = [...of(behind.join(""))].filter((part) => part !== "");
    this.#bot = wordsAlike(bot);
  }

  /** A contact's name, cleaned, without anything that names a network: only the bridge may say that. */
  bare(given: string | undefined, unnamed = UNNAMED_CONTACT): string {
    let name = cleanName(given ?? "", "");
    for (let before = ""; name !== before; ) {
      before = name;
      const rest = this.#withoutNetworks(name.replace(SIGIL, "").replace(EMPTY_BRACKETS, ""));
      name = cleanName(rest.replace(/ {2,}/g, " "), "");
    }
    const words = wordsAlike(name);
    return name === "" || (words !== "" && words === this.#bot) ? unnamed : name;
  }

  /** A bare name as it is shown on the homeserver. */
  shown(bare: string, network: string): string {
    return fillTemplate(this.#template, bare, network);
  }

  #withoutNetworks(name: string): string {
    const unbracketed = name.replace(BRACKETED, (whole, inside: string) =>
      this.#networks.has(wordsAlike(inside)) ? "" : whole,
    );
    const points = Array.from(unbracketed);
    const end = this.#behind.map((part) => lengthAlike(points.toReversed(), part, true)).find(Boolean) ?? 0;
    const rest = points.slice(0, points.length - end);
    const start = this.#before.map((part) => lengthAlike(rest, part, false)).find(Boolean) ?? 0;
    return rest.slice(start).join("");
  }
}

const fillTemplate = (template: string, name: string, network: string): string =>
  template.replaceAll(NETWORK, () => network).replaceAll(NAME, () => name);

/** How many leading code points look like this part; 0 where they do not. */
function lengthAlike(points: readonly string[], part: string, backwards: boolean): number {
  let skeleton = "";
  for (const [index, point] of points.entries()) {
    skeleton = backwards ? skeletonOf(point) + skeleton : skeleton + skeletonOf(point);
    if (skeleton === part) return index + 1;
    if (skeleton.length >= part.length) return 0;
  }
  return 0;
}
