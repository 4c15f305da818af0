import type { HttpRoute } from "../core/ports/http-route.ts";

const ANY = "/*";

/** Finds the route of a path: an equal one, else the one with the longest prefix. */
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
    return this.#routesAt(path).find((route) => route.method === method);
  }

  /** Whether any route, whatever its method, has the path. */
  knows(path: string): boolean {
    return this.#routesAt(path).length > 0;
  }

  #routesAt(path: string): readonly HttpRoute[] {
    const named = this.#exact.filter((route) => route.path === path);
    return [...named, ...this.#prefixes.filter((route) => matchesPrefix(path, route.path))];
  }
}

/** Whether the path has the pattern's prefix with its slash, and something after it. */
function matchesPrefix(path: string, pattern: string): boolean {
  const beginning = pattern.slice(0, -1);
  return path.length > beginning.length && path.startsWith(beginning);
}
