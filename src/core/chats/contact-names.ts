import { cleanName } from "../model/names.ts";
import { skeletonOf, wordsAlike } from "../model/skeleton.ts";

const UNNAMED = "Unnamed contact";
/** At the beginning of a word it makes a mention of everybody, or the id of somebody. */
const SIGIL = /(?<![\p{L}\p{N}_.+-])[@＠﹫]+(?=\S)/gu;
const EMPTY_BRACKETS = /[\p{Ps}<＜] ?[\p{Pe}>＞]/gu;
const BRACKETED = /[\p{Ps}<＜]([^\p{Ps}\p{Pe}<>＜＞]{1,64})(?:[\p{Pe}>＞]|$)/gu;
/** What a name is made of in the template of the configuration. */
const NAME = "{name}";
const NETWORK = "{network}";

export interface ContactNaming {
  /** How contacts are shown: `{name}` is theirs, `{network}` the network's. */
  readonly template: string;
  /** Names of all networks there could be, as people write them. */
  readonly networks: readonly string[];
  /** The bot's own name. */
  readonly bot: string;
}

/** What contacts are called: by themselves among their network's people, and where they could be taken for others. */
export class ContactNames {
  readonly #template: string;
  readonly #networks: ReadonlySet<string>;
  /** Skeletons of what the template puts before and behind names, of every network. */
  readonly #before: readonly string[];
  readonly #behind: readonly string[];
  readonly #bot: string;

  constructor({ template, networks, bot }: ContactNaming) {
    this.#template = template;
    this.#networks = new Set(networks.map(wordsAlike));
    const [before = "", ...behind] = template.split(NAME);
    const of = (part: string) => new Set(networks.map((name) => skeletonOf(filled(part, "", name))));
    this.#before = [...of(before)].filter((part) => part !== "");
    this.#behind = [...of(behind.join(""))].filter((part) => part !== "");
    this.#bot = wordsAlike(bot);
  }

  /** A contact's own name, cleaned, without anything by which it says whose it is: that is the bridge's to say. */
  bare(given: string | undefined, unnamed = UNNAMED): string {
    let name = cleanName(given ?? "", "");
    for (let before = ""; name !== before; ) {
      before = name;
      name = this.#withoutNetworks(name.replace(SIGIL, "").replace(EMPTY_BRACKETS, ""))
        .replace(/ {2,}/g, " ")
        .trim();
    }
    const words = wordsAlike(name);
    return name === "" || (words !== "" && words === this.#bot) ? unnamed : name;
  }

  /** A bare name as the homeserver's people see it. */
  shown(bare: string, network: string): string {
    return filled(this.#template, bare, network);
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

const filled = (template: string, name: string, network: string): string =>
  template.replaceAll(NETWORK, () => network).replaceAll(NAME, () => name);

/** How many code points from the first look like this part; 0 where they do not. */
function lengthAlike(points: readonly string[], part: string, backwards: boolean): number {
  let skeleton = "";
  for (const [index, point] of points.entries()) {
    skeleton = backwards ? skeletonOf(point) + skeleton : skeleton + skeletonOf(point);
    if (skeleton === part) return index + 1;
    if (skeleton.length >= part.length) return 0;
  }
  return 0;
}
