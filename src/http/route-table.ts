import type { HttpRoute } from "../core/ports/network.ts";

const ANY = "/*";

/** Finds the route of a path: the one that names it, else the one with the longest beginning of it. */
export class RouteTable {
  readonly #exact: readonly HttpRoute[];
  readonly #prefixes: readonly HttpRoute[];

  constructor(routes: readonly HttpRoute[]) {
    this.#exact = routes.filter(({ path }) => !path.endsWith(ANY));
    this.#prefixes = routes
      .filter(({ path }) => path.endsWith(ANY))
      .sort((a, b) => b.path.length - a.path.length);
  }

  find(method: string, path: string): HttpRoute | undefined {
    return this.#of(path).find((route) => route.method === method);
  }

  /** Whether the path is a route's, for any method. */
  knows(path: string): boolean {
    return this.#of(path).length > 0;
  }

  #of(path: string): readonly HttpRoute[] {
    const named = this.#exact.filter((route) => route.path === path);
    return [...named, ...this.#prefixes.filter((route) => begins(path, route.path))];
  }
}

/** With something after the beginning, and the slash of it. */
function begins(path: string, pattern: string): boolean {
  const beginning = pattern.slice(0, -1);
  return path.length > beginning.length && path.startsWith(beginning);
}
