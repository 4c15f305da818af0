const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The line for a shell that does the same as a call of this page. A file in it is read from the folder. */
export function curlLine(method: string, path: string, body?: unknown): string {
  const address = quoted(`${location.origin}/_sandbox/v1${path}`);
  if (body === undefined) return method === "GET" ? `curl ${address}` : `curl -X ${method} ${address}`;
  const fields = body as Readonly<Record<string, unknown>>;
  if (typeof fields["media"] !== "string") return `curl -d ${quoted(JSON.stringify(body))} ${address}`;
  const file = typeof fields["name"] === "string" ? fields["name"] : "FILE";
  const [before = "", after = ""] = JSON.stringify({ ...fields, media: "\0" }).split(String.raw`\u0000`);
  const encoded = `"$(base64 -w0 ${quoted(file)})"`;
  return `printf '%s' ${quoted(before)}${encoded}${quoted(after)} | curl -d @- ${address}`;
}
