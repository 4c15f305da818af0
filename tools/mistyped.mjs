// npm is told in .npmrc to keep its own words to itself, and would say nothing of a script that is not there. The slips
// that swap two letters are scripts, therefore, which say what was meant. Runs on the Node that is there.
import { readFileSync } from "node:fs";

const typed = process.env["npm_lifecycle_event"] ?? "";
const { scripts } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const own = scripts[typed];
const real = Object.keys(scripts).filter((name) => scripts[name] !== own && !/^(pre|post)/.test(name));
const letters = (name) => [...name].sort((a, b) => (a < b ? -1 : 1)).join("");
const meant = real.find((name) => letters(name) === letters(typed));
process.stderr.write(
  `There is no script “${typed}”. Did you mean: npm run ${meant}\nThere are: ${real.join(", ")}.\n`,
);
process.exitCode = 1;
