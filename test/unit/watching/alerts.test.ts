import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { hasPrometheus } from "../../kit/prometheus.ts";

const cases = "test/unit/watching/alerts.yaml";

interface Rule {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly troubleshooting: string;
  };
}
interface Case {
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly object[] }[];
}

const { groups } = parse(readFileSync("config/prometheus/alerts.yaml", "utf8")) as {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const { tests } = parse(readFileSync(cases, "utf8")) as { readonly tests: readonly Case[] };
const expected = tests.flatMap((each) => each.alert_rule_test);

describe.each(rules)("the alert $alert", ({ alert, labels, annotations }) => {
  test("is tried with what it fires on and with what it does not", () => {
    const fires = expected
      .filter(({ alertname }) => alertname === alert)
      .map((each) => each.exp_alerts.length > 0);
    expect(new Set(fires)).toEqual(new Set([true, false]));
  });

  test("says how grave it is, and which part of the troubleshooting helps", () => {
    expect(["critical", "warning"]).toContain(labels.severity);
    const headings = [...readFileSync("docs/troubleshooting.md", "utf8").matchAll(/^#+ (.+)$/gm)].map(
      ([, heading = ""]) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
    );
    expect(headings).toContain(annotations.troubleshooting);
  });
});

(hasPrometheus ? test : test.skip)("the alerts fire on what they are for, and on nothing else", () => {
  expect(execFileSync("promtool", ["test", "rules", cases], { encoding: "utf8" })).toContain("SUCCESS");
});
