import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { descriptionOf } from "../../../src/http/provisioning/description.ts";
import { type ProvisioningScope, provisioningRoutes } from "../../../src/http/provisioning/routes.ts";

const scope = { settings: { asked: new Map() } } as unknown as ProvisioningScope;
const routes = provisioningRoutes(scope);

test("the page on the provisioning API lists every route as it describes itself", () => {
  const rows = routes.map(({ method, path, summary }) => `| \`${method} ${path}\` | ${summary} |`);
  const page = readFileSync("docs/provisioning.md", "utf8").split("\n");
  const table = page
    .slice(page.indexOf("| method and path | what it does |") + 2)
    .filter((line) => line !== "");
  expect(table).toEqual(rows);
});

test("the description names each route once, and every schema it points to", () => {
  const document = JSON.stringify(descriptionOf(routes, "https://chats.test", "1.2.3"));
  const { paths, components } = JSON.parse(document) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
    readonly components: { readonly schemas: object };
  };
  const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map((one) => one.operationId));
  expect(ids).toHaveLength(routes.length);
  expect(new Set(ids).size).toBe(routes.length);
  const pointed = Array.from(document.matchAll(/"#\/components\/schemas\/([^"]+)"/g), ([, name]) => name);
  expect(pointed.length).toBeGreaterThan(20);
  expect(pointed.filter((name) => !Object.hasOwn(components.schemas, name ?? ""))).toEqual([]);
  expect(document).not.toContain("$defs");
});
