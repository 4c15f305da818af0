import { readFileSync } from "node:fs";

const packageFile = new URL("../../package.json", import.meta.url);

/** As package.json says. */
export function version(): string {
  const file: unknown = JSON.parse(readFileSync(packageFile, "utf8"));
  return String(Object(file).version);
}
