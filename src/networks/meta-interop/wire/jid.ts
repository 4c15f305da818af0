/**
 * Addresses on the wire. A user of the gatekeeper is `{user}[:{device}]@{server}`; a third-party user is
 * `{integrator 1..999}-{id of up to 15 digits}@interop`, with device 0 only.
 */
export type Jid =
  | { readonly kind: "user"; readonly user: string; readonly server: string; readonly device: number }
  | { readonly kind: "interop"; readonly integrator: number; readonly user: string; readonly device: number };

const interopForm = /^([1-9]\d{0,2})-([1-9]\d{0,14})(?::0)?@interop$/;
const userForm = /^([^@:\s\p{Cc}]+)(?::(0|[1-9]\d{0,4}))?@([a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?)$/u;
const longest = 320;

/** The text form; device 0 is left out. */
export function formatJid(jid: Jid): string {
  const device = jid.device === 0 ? "" : `:${jid.device}`;
  return jid.kind === "interop"
    ? `${jid.integrator}-${jid.user}${device}@interop`
    : `${jid.user}${device}@${jid.server}`;
}

/** Undefined for whatever is not an address with a user: a bare server name, too long, an interop device but 0. */
export function parseJid(text: string): Jid | undefined {
  if (text.length > longest) return undefined;
  if (text.endsWith("@interop")) {
    const [, integrator = "", user = ""] = interopForm.exec(text) ?? [];
    return user === "" ? undefined : { kind: "interop", integrator: Number(integrator), user, device: 0 };
  }
  const [, user = "", device = "0", server = ""] = userForm.exec(text) ?? [];
  if (user === "" || Number(device) > 0xffff) return undefined;
  return { kind: "user", user, server, device: Number(device) };
}
