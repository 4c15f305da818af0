// Loaded by `--import` into a bridge that is to end at a place of its work where nothing outside can see it: before or
// after the commit of certain rows. The file that CRASH_POINT names says which, while there is one.
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";

const Database = createRequire(import.meta.url)("better-sqlite3");
const file = process.env["CRASH_POINT"] ?? "";
const { prepare } = Database.prototype;
/** What the open transaction has written. */
let written = "";

function point() {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function commit(run) {
  const wanted = written === "" ? undefined : point();
  const isMet = wanted !== undefined && wanted.writes.every((part) => written.includes(part));
  written = "";
  if (!isMet) return run();
  rmSync(file);
  if (wanted.when === "after") run();
  process.kill(process.pid, "SIGKILL");
  return undefined;
}

Database.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  const run = statement.run.bind(statement);
  if (sql === "COMMIT") statement.run = () => commit(run);
  else if (sql === "ROLLBACK") {
    statement.run = () => {
      written = "";
      return run();
    };
  } else if (sql.includes("crypto_")) {
    statement.run = (...values) => {
      const names = values.filter((value) => typeof value === "string" && value.length < 100);
      written += `${sql} ${names.join(" ")}\n`;
      return run(...values);
    };
  }
  return statement;
};
