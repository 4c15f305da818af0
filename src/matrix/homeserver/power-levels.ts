import { fieldOf, listOf } from "../http/json.ts";

/** The first room version in which creators have more power than any level. */
const CREATORS_RULE_SINCE = 12;

/** Power in a room, by its creation and its power levels (spec: `m.room.power_levels`, Room version 12). */
export class PowerLevels {
  readonly #levels: unknown;
  readonly #creators: ReadonlySet<unknown>;

  constructor(create: unknown, levels: unknown) {
    this.#levels = fieldOf(levels, "content");
    const content = fieldOf(create, "content");
    const version = Number(fieldOf(content, "room_version") ?? "1");
    const creator = fieldOf(create, "sender");
    const rules = Number.isFinite(version) && version >= CREATORS_RULE_SINCE;
    // In every version, without power levels the creator alone has power.
    const above = rules
      ? [creator, ...listOf(fieldOf(content, "additional_creators"))]
      : levels === undefined
        ? [creator]
        : [];
    this.#creators = new Set(above);
  }

  of(user: string): number {
    if (this.#creators.has(user)) return Number.POSITIVE_INFINITY;
    return levelAt(fieldOf(this.#levels, "users"), user) ?? levelAt(this.#levels, "users_default") ?? 0;
  }

  /** The level that sending a message-like event of the type needs. */
  event(type: string): number {
    return levelAt(fieldOf(this.#levels, "events"), type) ?? levelAt(this.#levels, "events_default") ?? 0;
  }

  /** The level that sending a state event of the type needs. */
  state(type: string): number {
    const standard = this.#levels === undefined ? 0 : 50;
    return (
      levelAt(fieldOf(this.#levels, "events"), type) ?? levelAt(this.#levels, "state_default") ?? standard
    );
  }

  act(name: "invite" | "kick" | "ban" | "redact"): number {
    return levelAt(this.#levels, name) ?? (name === "invite" ? 0 : 50);
  }
}

/** A level; before room version 10 levels may be text. */
function levelAt(levels: unknown, name: string): number | undefined {
  if (typeof levels !== "object" || levels === null || !Object.hasOwn(levels, name)) return undefined;
  const level = (levels as Readonly<Record<string, unknown>>)[name];
  const number = typeof level === "string" ? Number.parseInt(level, 10) : level;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
