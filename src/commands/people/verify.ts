import { commandTarget } from "../../core/chats/command-target.ts";
import type { Answer } from "../../core/management/answers.ts";
import { BridgeError } from "../../core/model/errors.ts";
import type { Command, CommandContext, CommandRequest } from "../command.ts";
import { yesOrNo } from "../yes-or-no.ts";
import { decisionAbout } from "./decided-contact.ts";
import { type NamedPerson, personNamed } from "./person-named.ts";

/** Milliseconds for which a number that was shown is the one that a yes means. */
const SHOWN_KEPT = 7 * 86_400_000;

async function run(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const { named, decision } = await decisionAbout(request, context);
  const about = await personNamed(named, "verify", context);
  if (typeof about === "string") return [about];
  if (decision === undefined) return show(about, context);
  return decision === "yes" ? noteVerified(about, context) : noteDifferent(about, context);
}

async function show(about: NamedPerson, context: CommandContext): Promise<readonly Answer[]> {
  const { network, login, ghost, portal, contact, target } = about;
  const client = context.connections.client(login.id);
  if (!client) return [`${network.name} is not connected. Write “status” to see why, and try again.`];
  const number = await client.safetyNumber?.(portal.person);
  if (!number)
    return [`There is no safety number with ${ghost.name} yet: it is there after the first message.`];
  const until = context.clock.now() + SHOWN_KEPT;
  await context.store.write((tx) => tx.records.set(...shownRecord(about), number.digits, until));
  const groups = number.digits.match(/\d{5}/g) ?? [];
  const lines = [0, 4, 8].map((at) => groups.slice(at, at + 4).join(" "));
  const trust = contact?.trust ?? "unverified";
  const is = { unverified: "not verified", verified: "verified", changed: "changed since you verified it" };
  const unseen =
    trust === "changed" ? ` Write “unverified ${target}” to write to them without having compared it.` : "";
  return [
    yesOrNo(
      [
        `Your safety number with ${ghost.name} (${is[trust]}):`,
        ...lines,
        `Compare it with the one on their phone, or let them scan the picture. Is it the same? Write “verify ${target} yes” if it is, “verify ${target} no” if it is not.${unseen}`,
      ].join("\n"),
      `verify ${target}`,
    ),
    {
      ...(await context.tools.qrCode(number.scannable)),
      name: "safety-number.png",
      caption: `The safety number with ${ghost.name} as a code, for their phone to scan`,
    },
  ];
}

/** Where the digits are kept that the person was shown last. */
const shownRecord = ({ login, portal }: NamedPerson) =>
  [`login/${login.id}/safety-number`, portal.person] as const;

async function noteVerified(about: NamedPerson, context: CommandContext): Promise<readonly string[]> {
  const { network, login, ghost, portal, target } = about;
  const held = await heldWords(about, context);
  // A yes is to the number that was shown. Without a connection it cannot have become another.
  const shown = await context.store.records.get(...shownRecord(about));
  const compared = context.connections.client(login.id)?.safetyNumber ? shown : undefined;
  try {
    await context.contactActs.setTrust({ network, portal }, "verified", compared);
  } catch (error) {
    const { reason, words } = BridgeError.from(error);
    if (reason !== "changed") throw error;
    return [`Nothing was noted. ${words} Write “verify ${target}” to see it.`];
  }
  return [
    `${ghost.name} is verified. If their number changes, you are told, and nothing is sent until you agree. Write “unverified ${target}” to take this back.${held}`,
  ];
}

async function noteDifferent(about: NamedPerson, context: CommandContext): Promise<readonly string[]> {
  const { network, ghost, portal, contact, target } = about;
  const trust = contact?.trust ?? "unverified";
  if (trust === "verified") await context.contactActs.setTrust({ network, portal }, "unverified");
  const noted = trust === "verified" ? "is not verified any more" : "is not verified";
  // After a change nothing is sent, and a number that differs is no reason to send.
  const next =
    trust === "changed"
      ? `Nothing is sent to them until you write “verify ${target} yes”, or “unverified ${target}” to write to them all the same.`
      : `What you write still goes to them. Write “verify ${target}” to compare again, or “block ${target}” to keep them away.`;
  return [
    `${ghost.name} ${noted}. Numbers that differ can mean that somebody reads along, or that one of you looked at an old one. ${next}`,
  ];
}

function trusting(
  verb: string,
  note: (about: NamedPerson, context: CommandContext) => Promise<readonly string[]>,
): Command["run"] {
  return async (request, context) => {
    const about = await personNamed(request, verb, context);
    return typeof about === "string" ? [about] : note(about, context);
  };
}

async function noteUnverified(about: NamedPerson, context: CommandContext) {
  const { network, ghost, portal } = about;
  const held = await heldWords(about, context);
  await context.contactActs.setTrust({ network, portal }, "unverified");
  return [
    `${ghost.name} is not verified. You can write to them; if their number changes you are told.${held}`,
  ];
}

/** What was not sent while a contact's number was another than the verified one, and how it is sent; empty for none. */
async function heldWords(
  { network, login, portal, contact }: NamedPerson,
  context: CommandContext,
): Promise<string> {
  if (contact?.trust !== "changed") return "";
  const { store, failures } = context;
  const hints: string[] = [];
  for (const failed of await failures.of(login.user, [network])) {
    const { kind, login: whose, chat: id } = failed.portal;
    if (whose !== login.id || (kind === "direct" && id !== portal.chat)) continue;
    const member = kind === "group" && (await store.portalMembers.get(failed.portal, portal.person));
    if (kind === "group" && (!member || member.membership === "left")) continue;
    hints.push(`“retry ${await commandTarget(store, failed.portal)}”`);
  }
  return hints.length === 0
    ? ""
    : ` What you wrote meanwhile was not sent: write ${hints.join(" and ")} to send it now.`;
}

export const verify: Command = {
  name: "verify",
  usage: "<network> <whom> [yes|no]",
  summary:
    "Shows the safety number to compare with a contact or a member of a group, and notes whether it is the same.",
  group: "contacts",
  topic: "trust",
  run,
};

export const verified: Command = {
  name: "verified",
  usage: "<network> <whom>",
  summary: "As “verify” with “yes”: notes that you compared the safety number and it is the same.",
  group: "contacts",
  partOf: "verify",
  topic: "trust",
  run: trusting("verified", noteVerified),
};

export const unverified: Command = {
  name: "unverified",
  usage: "<network> <whom>",
  summary: "Takes “verify” back, or goes on after a change without comparing.",
  group: "contacts",
  partOf: "verify",
  topic: "trust",
  run: trusting("unverified", noteUnverified),
};
