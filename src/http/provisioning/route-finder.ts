import { invalid } from "./refusal.ts";
import type { Route } from "./route.ts";

export interface FoundRoute {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds routes whose paths have parts in braces. */
export class RouteFinder {
  readonly #routes: readonly { readonly route: Route; readonly parts: readonly string[] }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, parts: route.path.split("/") }));
  }

  /** Throws Refusal where a part of the path is not encoded as it must be. */
  find(method: string, path: string): FoundRoute | undefined {
    const asked = path.split("/");
    const found = this.#at(asked).find(({ route }) => route.method === method);
    if (!found) return undefined;
    const params: Record<string, string> = {};
    for (const [index, part] of found.parts.entries())
      if (isNamed(part)) params[part.slice(1, -1)] = decoded(asked[index] ?? "");
    return { route: found.route, params };
  }

  /** The methods that a path takes. */
  methods(path: string): readonly string[] {
    return this.#at(path.split("/")).map(({ route }) => route.method);
  }

  #at(asked: readonly string[]) {
    return this.#routes.filter(
      ({ parts }) =>
        parts.length === asked.length &&
        parts.every((part, index) => (isNamed(part) ? asked[index] !== "" : part === asked[index])),
    );
  }
}

const isNamed = (part: string): boolean => part.startsWith("{");

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid("The address has a percent sign that stands for nothing.");
  }
}
