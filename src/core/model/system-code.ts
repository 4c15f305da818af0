/**
 * The code in an error or its causes, the outermost first: `ENOENT`, `SQLITE_FULL`, `CERT_HAS_EXPIRED`. By shape, as a
 * driver's error class is not one across realms.
 */
export function systemCode(error: unknown): string | undefined {
  let at: unknown = error;
  for (let depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
    if ("code" in at && typeof at.code === "string") return at.code;
    at = "errors" in at && Array.isArray(at.errors) ? at.errors[0] : Object(at).cause;
  }
  return undefined;
}
