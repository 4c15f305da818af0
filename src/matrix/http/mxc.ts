/** A file's address in the content repository (spec: Matrix Content URIs). */
export interface Mxc {
  readonly server: string;
  readonly id: string;
}

/** The server name follows the grammar of the specification's appendices; the media id is opaque but has no slash. */
const GRAMMAR =
  /^mxc:\/\/((?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?)\/([A-Za-z0-9_-]{1,255})$/;
const LONGEST = 520;

/** The parts of an untrusted `mxc://` address; undefined where it is none. */
export function parseMxc(uri: unknown): Mxc | undefined {
  if (typeof uri !== "string" || uri.length > LONGEST) return undefined;
  const [, server, id] = GRAMMAR.exec(uri) ?? [];
  if (server === undefined || id === undefined || server.includes("..")) return undefined;
  return { server, id };
}
