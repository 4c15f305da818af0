import { child, children, type Node, node, text } from "../../networks/meta-interop/wire/node.ts";
import { externalId } from "../phone/people.ts";
import { pictureNode } from "../phone/profile-picture.ts";
import { answer, type IqHandler, refuse } from "./iq.ts";
import type { StanzaContext } from "./stanza-context.ts";

const mostUsers = 256;

function found(context: StanzaContext, external: string): Node {
  const { session, people, parts } = context;
  const { network, integrator, id } = session.account;
  const person = people.find(network, external);
  if (person === undefined) {
    return node("user", { external_id: external }, [node("error", { code: "404", text: "item-not-found" })]);
  }
  // The user is told from now on when the person becomes reachable.
  parts.messages.relate(person.id, id);
  const why = person.unreachable(integrator);
  const about = {
    external_id: external,
    normalized_external_id: externalId(person.row),
    jid: person.row.jid,
    display_name: person.row.name,
    reachable: String(why === undefined),
    reason: why === "off" || why === "app" ? why : undefined,
  };
  return node("user", about, [pictureNode(person.row.picture)]);
}

/** `<iq xmlns="w:interop" type="get"><users>…`: looks up phone numbers or names and answers who can be reached. */
export const lookUp: IqHandler = async (context, stanza) => {
  const users = child(stanza, "users");
  const wanted =
    users === undefined ? [] : children(users, "user").map(({ attrs }) => attrs["external_id"] ?? "");
  if (wanted.length === 0 || wanted.length > mostUsers || wanted.includes("")) {
    context.session.reportViolation("malformed-stanza", "a contact look-up names nobody, or too many");
    return refuse(context, stanza, "400", "bad-request");
  }
  const results = await context.parts.commits.commit(() =>
    wanted.map((external) => found(context, external)),
  );
  answer(context, stanza, [node("users", {}, results)]);
};

/** `<iq xmlns="w:interop" type="set"><blocklist>…`: the integrator's user blocks or unblocks persons. */
export const blockList: IqHandler = async (context, stanza) => {
  const { session, people, parts } = context;
  const list = child(stanza, "blocklist");
  const items = list === undefined ? [] : children(list, "item");
  const orders = items.map(({ attrs }) => ({
    action: attrs["action"],
    person: people.byJid(attrs["jid"] ?? ""),
  }));
  if (orders.length === 0 || orders.some(({ action }) => action !== "block" && action !== "unblock")) {
    session.reportViolation("malformed-stanza", "a block list is malformed");
    return refuse(context, stanza, "400", "bad-request");
  }
  if (orders.some(({ person }) => person === undefined))
    return refuse(context, stanza, "404", "item-not-found");
  const { id } = session.account;
  await parts.commits.commit(() => {
    for (const { action, person } of orders) {
      if (person === undefined) continue;
      if (action === "block") parts.messages.block(person.id, id, "user");
      else parts.messages.unblock(person.id, id, "user");
    }
  });
  answer(context, stanza);
};

/** A report as plain data: tags, attributes, text. */
function plain(stanza: Node): Readonly<Record<string, unknown>> {
  const inner = children(stanza);
  const content = text(stanza);
  return {
    tag: stanza.tag,
    ...stanza.attrs,
    ...(inner.length === 0 ? {} : { children: inner.map(plain) }),
    ...(content === undefined || inner.length > 0 ? {} : { text: content }),
  };
}

/** `<iq xmlns="spam" type="set">`: stores a report of the integrator's user. */
export const report: IqHandler = async (context, stanza) => {
  const { session, parts } = context;
  const content = children(stanza);
  if (content.length === 0) {
    session.reportViolation("malformed-stanza", "a report says nothing");
    return refuse(context, stanza, "400", "bad-request");
  }
  const { network, sub } = session.account;
  const body = { at: Date.now(), network, from: sub, jid: session.jid, direction: "from_bridge" };
  await parts.commits.commit(() => parts.reports.add({ ...body, content: content.map(plain) }));
  answer(context, stanza);
};
