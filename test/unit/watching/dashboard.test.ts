import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { NetworkId } from "../../../src/core/model/ids.ts";
import { createMetrics } from "../../../src/http/metrics.ts";

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(readFileSync("config/grafana/dashboard.json", "utf8")) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
};
const { panels } = dashboard;

test("no two panels share an id or a place, and none is wider than the page", () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const squares = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
  );
  expect(new Set(squares).size).toBe(squares.length);
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
});

test("every variable of a query is chosen above, and every metric of ours is on it", async () => {
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join("\n");
  const chosen = dashboard.templating.list.map(({ name }) => `$${name}`);
  const used = new Set(queries.match(/\$\w+/g)?.filter((name) => !name.startsWith("$__")));
  expect(chosen).toEqual(expect.arrayContaining([...used]));
  const ours = [
    ...(await createMetrics(["whatsapp" as NetworkId]).text()).matchAll(/^# TYPE (bridge_\w+)/gm),
  ];
  expect(ours.length).toBeGreaterThan(10);
  expect(ours.map(([, name = ""]) => name).filter((name) => !queries.includes(name))).toEqual([]);
});
