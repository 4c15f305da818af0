import { fileURLToPath } from "node:url";

/** Where compiled code is kept. Given from outside, it serves the program's first file too. */
const compiled = fileURLToPath(new URL("../../.cache/code", import.meta.url));

/** What the parts need of this process' environment: no token or setting of the caller's leaks into them. */
export function partEnvironment(): Record<string, string> {
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
