import { z } from "zod";
import { field } from "./field.ts";

export interface ListenAddress {
  /** IPv4, IPv6 without brackets, or a host name. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

const form = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/;

/** Reads `127.0.0.1:29340`, `[::1]:29340` or `localhost:29340`. */
export function parseListen(text: string): ListenAddress | undefined {
  const [, v6, plain, digits] = form.exec(text) ?? [];
  const host = v6 ?? plain;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

const listenSchema = z.string().transform((text, context): ListenAddress => {
  const address = parseListen(text);
  if (address !== undefined) return address;
  context.addIssue({ code: "invalid_format", format: "host:port", input: text });
  return z.NEVER;
});

/** A field for a listener's address; `port` is for its example. */
export const listenField = (port: number) =>
  field(listenSchema, "an address and port to listen on, as host:port", `127.0.0.1:${port}`);

/** A field for a listener's proxies that are neither on this machine nor in a private network. */
export const proxiesField = field(
  z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])),
  "a list of the addresses or networks your reverse proxies have on the Internet",
  '["203.0.113.7", "2001:db8::/48"]',
);

/** A field for the origins whose pages may hold a page of ours in a frame. */
export const framesField = field(
  z.array(z.string().regex(/^https?:\/\/[a-z0-9.-]+(?::\d{1,5})?$/)),
  "a list of the origins whose pages may hold the settings page in a frame",
  '["https://app.element.io"]',
);

export const isListenAddress = (value: unknown): value is ListenAddress =>
  typeof Object(value).host === "string" && typeof Object(value).port === "number";

/** As it is written: `127.0.0.1:29340`, `[::1]:29340`. */
export const shownListen = ({ host, port }: ListenAddress): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Whether a host, with or without the brackets of an IPv6 address, is the machine itself or the container. */
export const isLoopback = (host: string): boolean =>
  /^(127\.\d+\.\d+\.\d+|::1|\[::1\]|localhost)$/i.test(host);

/** The URL by which a process on the same machine reaches the address. */
export function localUrl({ host, port }: ListenAddress): string {
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
