import { isIP } from "node:net";

/** A server name's parts (specification: appendices, “Server Name”). */
export interface ServerName {
  /** Without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly isAddress: boolean;
}

const GRAMMAR =
  /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?))(?::(\d{1,5}))?$/;

/** Undefined where the text is no server name. */
export function parseServerName(text: string): ServerName | undefined {
  const [, v6, plain, digits] = GRAMMAR.exec(text) ?? [];
  const host = v6 ?? plain;
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || host.includes("..") || (port !== undefined && (port < 1 || port > 65_535)))
    return undefined;
  const family = isIP(host);
  if ((v6 !== undefined) !== (family === 6)) return undefined;
  // What looks like an address and is none, such as 127.1, is an address to some resolvers.
  if (family === 0 && /^[\d.]+$|\.\d+$|^0x/i.test(host)) return undefined;
  return { host, port, isAddress: family !== 0 };
}

/** The server a user is of; undefined where the id names none. */
export function serverOf(user: string): ServerName | undefined {
  const at = user.indexOf(":");
  return at < 0 ? undefined : parseServerName(user.slice(at + 1));
}
