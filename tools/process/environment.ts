import { fileURLToPath } from "node:url";

/** The compile cache; set from outside it serves a program's first file too. */
const compiled = fileURLToPath(new URL("../../.cache/code", import.meta.url));

/** The environment for started processes: without the caller's tokens and settings. */
export function processEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "TZ"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    LANG: "C.UTF-8",
    PYTHONUNBUFFERED: "1",
    NODE_COMPILE_CACHE: compiled,
  };
}
