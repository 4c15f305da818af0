import { isDeepStrictEqual } from "node:util";
import { parseDocument } from "yaml";
import { type NamespaceOptions, namespaceOf } from "../http/namespace.ts";
import { buildDoublePuppetRegistration, doublePuppetProblems } from "./double-puppet-registration.ts";
import { buildRegistration, differences, parseRegistration, type Registration } from "./registration.ts";
import { bad, covers } from "./registration-words.ts";

interface UpgradedNames extends NamespaceOptions {
  readonly url: string;
  readonly protocols: readonly string[];
}

/**
 * The text of a registration as `register` would write it, but for what the homeserver knows the bridge by: id, tokens and
 * sender. Namespaces stay as they are where they cover all that is needed. Throws BridgeError where it is no registration.
 */
export const upgradedRegistration = (path: string, text: string, about: UpgradedNames): string =>
  upgraded(path, text, (was) => {
    const { url, protocols, ...names } = about;
    const { id, as_token, hs_token, namespaces } = was;
    const built = buildRegistration({ ...names, id, url, protocols, tokens: { as: as_token, hs: hs_token } });
    const ours = namespaceOf(names);
    const isCovered =
      [ours.bot, ours.ghostId("x0")].every((user) => covers(namespaces.users, user)) &&
      covers(namespaces.aliases, ours.alias("x0"));
    return {
      ...built,
      sender_localpart: was.sender_localpart,
      namespaces: isCovered ? namespaces : built.namespaces,
      // Two spellings of one address are no difference.
      url: differences(was, { id, url }).length === 0 ? was.url : url,
    };
  });

/** As {@link upgradedRegistration}, of the second one. */
export const upgradedDoublePuppet = (path: string, text: string, serverName: string): string =>
  upgraded(path, text, (was) => {
    if (doublePuppetProblems(was, serverName).length === 0) return was;
    const { id, as_token, hs_token, sender_localpart } = was;
    return { ...buildDoublePuppetRegistration({ id, serverName }), id, as_token, hs_token, sender_localpart };
  });

function upgraded(path: string, text: string, wantedOf: (was: Registration) => Registration): string {
  const parsed = parseRegistration(text);
  if (parsed.kind === "problem") throw bad(`${path}: ${parsed.words}`);
  const was = parsed.registration;
  const changes = Object.entries(wantedOf(was)).filter(([key, value]) => !isDeepStrictEqual(was[key], value));
  if (changes.length === 0) return text;
  const document = parseDocument(text);
  for (const [key, value] of changes) document.set(key, document.createNode(value));
  return document.toString({ lineWidth: 0 });
}
