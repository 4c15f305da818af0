import type { Answer } from "../core/management/answers.ts";
import type { Command, CommandContext, CommandRequest } from "./command.ts";
import { contactNamed } from "./contact-named.ts";

async function show(request: CommandRequest, context: CommandContext): Promise<readonly Answer[]> {
  const about = await contactNamed(request, "verify", context);
  if (typeof about === "string") return [about];
  const { network, login, chat, target } = about;
  const { ghost, portal, contact } = chat;
  const client = context.connections.client(login.id);
  if (!client) return [`${network.name} is not connected. Write “status” to see why, and try again.`];
  const number = await client.safetyNumber?.(portal.person);
  if (!number)
    return [`There is no safety number with ${ghost.name} yet: it is there after the first message.`];
  const groups = number.digits.match(/\d{5}/g) ?? [];
  const lines = [0, 4, 8].map((at) => groups.slice(at, at + 4).join(" "));
  const is = { unverified: "not verified", verified: "verified", changed: "changed since you verified it" };
  return [
    [
      `Your safety number with ${ghost.name} (${is[contact?.trust ?? "unverified"]}):`,
      ...lines,
      `Compare it with the one on their phone, or let them scan the picture. Write “verified ${target}” if it is the same, ` +
        `“unverified ${target}” to write to them without having compared it.`,
    ].join("\n"),
    {
      ...(await context.tools.qrCode(number.scannable)),
      name: "safety-number.png",
      caption: `The safety number with ${ghost.name} as a code, for their phone to scan`,
    },
  ];
}

function trusting(trust: "verified" | "unverified") {
  return async (request: CommandRequest, context: CommandContext): Promise<readonly string[]> => {
    const about = await contactNamed(request, trust, context);
    if (typeof about === "string") return [about];
    const { network, chat } = about;
    const { ghost, portal } = chat;
    await context.contactActs.setTrust({ network, portal }, trust);
    return trust === "verified"
      ? [
          `${ghost.name} is verified. If their number changes, you are told, and nothing is sent until you agree.`,
        ]
      : [`${ghost.name} is not verified. You can write to them; if their number changes you are told.`];
  };
}

export const verify: Command = {
  name: "verify",
  usage: "<network> <whom>",
  summary: "Shows the safety number to compare with a contact.",
  group: "contacts",
  run: show,
};

export const verified: Command = {
  name: "verified",
  usage: "<network> <whom>",
  summary: "Notes that you compared the safety number and it is the same.",
  group: "contacts",
  topic: "trust",
  run: trusting("verified"),
};

export const unverified: Command = {
  name: "unverified",
  usage: "<network> <whom>",
  summary: "Takes that back, or goes on after a change.",
  group: "contacts",
  topic: "trust",
  run: trusting("unverified"),
};
