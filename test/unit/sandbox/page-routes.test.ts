import { posix } from "node:path";
import { expect, test } from "@jest/globals";
import type { HttpAnswer, HttpRequest } from "../../../src/sandbox/http/http-server.ts";
import { pageRoutes } from "../../../src/sandbox/page/page-routes.ts";

const routes = pageRoutes(["http://127.0.0.1:8080"]);

/** What a browser gets at this path. */
async function served(path: string): Promise<HttpAnswer & { readonly text: string }> {
  const route = routes.find((one) => one.path === path);
  if (route === undefined) throw new Error(`nothing is served at ${path}`);
  const answer = await route.handle({} as HttpRequest);
  return { ...answer, text: "bytes" in answer ? Buffer.from(answer.bytes).toString() : "" };
}

test("every module that the page's first one needs is served, as JavaScript, and nothing else of the folder", async () => {
  const names: unknown = JSON.parse(
    /<script type="importmap">(.*)<\/script>/.exec((await served("/phone/")).text)?.[1] ?? "",
  );
  const { imports } = names as { readonly imports: Readonly<Record<string, string>> };
  const seen = new Set<string>();
  const waiting = ["/phone/sandbox/page/web/main.ts"];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const { text, ...answer } = await served(path);
    expect([path, "type" in answer && answer.type]).toEqual([path, "text/javascript; charset=utf-8"]);
    for (const [, name = ""] of text.matchAll(/\bfrom\s*"([^"]+)"/g)) {
      waiting.push(
        name.startsWith(".")
          ? posix.join(posix.dirname(path), name)
          : posix.join("/phone/", imports[name] ?? name),
      );
    }
  }
  expect(seen.size).toBeGreaterThan(30);
  const scripts = routes.map(({ path }) => path).filter((path) => /\.(?:ts|mjs)$/.test(path));
  // A module of types alone is served and asked for by nobody.
  const typesOnly = ["/phone/sandbox/page/model/wire.ts"];
  expect(scripts.filter((path) => !seen.has(path)).sort()).toEqual(typesOnly);
});

test("the page may stand in the frames that the configuration names, and in no others", async () => {
  const policy = (await served("/phone/")).headers?.["content-security-policy"] ?? "";
  expect(policy).toMatch(/; frame-ancestors 'self' http:\/\/127\.0\.0\.1:8080$/);
});
