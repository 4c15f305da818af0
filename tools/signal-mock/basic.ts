/** Of an `Authorization: Basic` header. */
export function basic(header = ""): { readonly username: string; readonly password: string } {
  const text = Buffer.from(header.replace(/^Basic /i, ""), "base64").toString();
  const colon = text.indexOf(":");
  return { username: text.slice(0, Math.max(colon, 0)), password: text.slice(colon + 1) };
}
