import { parse } from "yaml";
import { fieldOf } from "../http/json.ts";

const PREFIX = "io.element.msc4512.proxy_prefix";
const URL = "io.element.msc4512.proxy_url";

/** One part of a path or several, as they are written in an address. */
const PATH = /^[\w.~%-]+(?:\/[\w.~%-]+)*$/;

/**
 * The path below which the homeserver passes clients' requests on to us (MSC4512; Synapse from 1.161 on, with
 * `experimental_features.msc4512_enabled`), once it has found out whose they are; undefined where the registration asks
 * for none. The two fields are never written by us: Synapse does not start with a prefix it has not set apart for
 * application services, which up to 1.163 are those below `rtc/livekit`.
 */
export function proxiedBase(registration: Readonly<Record<string, unknown>>): string | undefined {
  const prefix = registration[PREFIX];
  const url = registration[URL];
  if (typeof prefix !== "string" || !PATH.test(prefix) || typeof url !== "string") return undefined;
  return `/_matrix/client/unstable/io.element.msc4512/${prefix}`;
}

/** What somebody has written into a registration for that, to be kept in the next one. */
export function proxiedFields(text: string): Readonly<Record<string, string>> {
  const written = parsed(text);
  const fields = [PREFIX, URL].map((name) => [name, fieldOf(written, name)]);
  return Object.fromEntries(fields.filter(([, value]) => typeof value === "string"));
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // A registration that is to be replaced may be of any kind.
    return undefined;
  }
}
