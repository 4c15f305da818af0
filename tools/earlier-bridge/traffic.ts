import { setTimeout as pause } from "node:timers/promises";
import { ana, type EarlierWorld } from "../../test/kit/earlier-world.ts";
import type { FakeEvent } from "../../test/kit/fake-homeserver-state.ts";
import { base64, blob, picture, sha256 } from "../../test/kit/sample-files.ts";
import type { NewContact, Phone } from "../sandbox/control.ts";
import type { ContactName, Facts } from "./facts.ts";

/** How many messages wait in each queue. */
const many = 8;

const contacts: Readonly<Record<ContactName, NewContact>> = {
  Wim: { network: "whatsapp", name: "Wim", phone: "+31612345001" },
  Bea: { network: "whatsapp", name: "Bea", phone: "+31612345002" },
  Carla: { network: "whatsapp", name: "Carla", phone: "+31612345003" },
  Fred: { network: "whatsapp", name: "Fred", phone: "+31612345004" },
  Nel: { network: "whatsapp", name: "Nel", phone: "+31612345005" },
  Otto: { network: "whatsapp", name: "Otto", phone: "+31612345006" },
  Mia: { network: "messenger", name: "Mia", username: "mia" },
  Gerrit: { network: "messenger", name: "Gerrit", username: "gerrit" },
};

interface Chat {
  readonly phone: Phone;
  readonly room: string;
}

/** Fills three queues while what would empty them is held up; answers what a later reader cannot find out. */
export async function beginTraffic(world: EarlierWorld): Promise<Omit<Facts, "commit" | "killedAt">> {
  const management = await world.openManagement();
  for (const network of ["whatsapp", "messenger"] as const) {
    await world.asks(management, `enable ${network}`, /\byes\b/i);
    world.says(management, { msgtype: "m.text", body: "yes" });
    await world.connected(network);
  }
  const chats = {
    Wim: await history(world, contacts.Wim),
    Bea: await history(world, contacts.Bea),
    Carla: await history(world, contacts.Carla),
    Fred: await history(world, contacts.Fred),
    Mia: await history(world, contacts.Mia),
    Gerrit: await history(world, contacts.Gerrit),
  };
  const nel = await world.control.addContact(contacts.Nel);
  const otto = await world.control.addContact(contacts.Otto);
  await signs(world, chats.Wim);
  await changedNumber(world, management, chats.Carla);
  const sent = await sentFile(world, chats.Fred);
  await archive(world, chats.Gerrit);
  const { parked, files } = await traffic(world, chats, nel);
  await commands(world, management, otto);
  const about = ({ phone, room }: Partial<Chat> & Pick<Chat, "phone">, { network }: NewContact) => ({
    network,
    person: phone.person,
    externalId: phone.externalId,
    jid: phone.jid,
    ...(room === undefined ? {} : { room }),
  });
  return {
    management,
    parked,
    files: { sent, ...files },
    contacts: {
      Wim: about(chats.Wim, contacts.Wim),
      Bea: about(chats.Bea, contacts.Bea),
      Carla: about(chats.Carla, contacts.Carla),
      Fred: about(chats.Fred, contacts.Fred),
      Mia: about(chats.Mia, contacts.Mia),
      Gerrit: about(chats.Gerrit, contacts.Gerrit),
      Nel: about({ phone: nel }, contacts.Nel),
      Otto: about({ phone: otto }, contacts.Otto),
    },
  };
}

/** Fills the fourth: while the stream is broken that tells what was not pushed, no room's events go on. */
export async function breakStream(world: EarlierWorld, { Bea }: Facts["contacts"]): Promise<void> {
  world.homeserver.faults.order({ fault: { kind: "status", status: 502 }, path: "/sync" });
  for (let n = 1; n <= many; n += 1) {
    world.says(Bea.room ?? "", text(`to Bea ${n}`));
    await pause(100);
  }
}

/** The first waits for the network, the others for the first. */
async function commands(world: EarlierWorld, room: string, { externalId }: Phone): Promise<void> {
  const rule = { fault: "drop", direction: "from_bridge", stanza: "iq", network: "whatsapp" };
  await world.control.call("POST", "/faults", rule);
  for (const command of [`start-chat whatsapp ${externalId}`, "version", "networks"])
    world.says(room, text(command));
}

const text = (body: string) => ({ msgtype: "m.text", body });
const said = (body: string) => (event: FakeEvent) => event.content["body"] === body && event.sender !== ana;

/** A chat in which both have spoken, so that each has a session of the other that was used both ways. */
async function history(world: EarlierWorld, contact: NewContact): Promise<Chat> {
  const phone = await world.control.addContact(contact);
  const hello = `${contact.name} says hello`;
  await phone.says(ana, hello);
  const { room_id: room } = await world.event(hello, said(hello));
  for (const body of [`hello ${contact.name}`, `how are you, ${contact.name}?`]) {
    world.says(room, text(body));
    await phone.hears(body);
  }
  const fine = `${contact.name} is fine`;
  await phone.says(ana, fine);
  await world.event(fine, said(fine));
  return { phone, room };
}

/** Reactions and read marks both ways, a reply, an edit and a deletion. */
async function signs(world: EarlierWorld, { phone, room }: Chat): Promise<void> {
  const own = world.says(room, text("look at this"));
  const heard = await phone.hears("look at this");
  await phone.does("reads", { to: ana, target: heard.id });
  await phone.does("reacts", { to: ana, target: heard.id, emoji: "👍" });
  const theirs = await phone.does("says", { to: ana, text: "nice", target: heard.id });
  const { event_id: nice } = await world.event("the reply", said("nice"));
  await world.event("the reaction", ({ type, sender }) => type === "m.reaction" && sender !== ana);
  const relates = { rel_type: "m.annotation", event_id: nice, key: "❤️" };
  world.says(room, { "m.relates_to": relates }, "m.reaction");
  await phone.shows("Ana's reaction", ({ kind, target }) => kind === "reaction" && target === theirs);
  world.homeserver.receipt(world.room(room), ana, nice);
  await phone.shows("that Ana read it", ({ kind, receipt }) => kind === "receipt" && receipt === "read");
  world.says(room, {
    ...text("* look at that"),
    "m.new_content": text("look at that"),
    "m.relates_to": { rel_type: "m.replace", event_id: own.event_id },
  });
  await phone.shows("Ana's edit", ({ kind }) => kind === "edit");
  const gone = world.says(room, text("not this"));
  await phone.hears("not this");
  world.says(room, { redacts: gone.event_id }, "m.room.redaction");
  await phone.shows("that Ana took it back", ({ kind }) => kind === "delete");
}

/** Carla's safety number was compared; then she had another phone. */
async function changedNumber(world: EarlierWorld, management: string, { phone, room }: Chat): Promise<void> {
  await world.asks(management, "verified whatsapp Carla", /is verified/);
  await phone.does("reinstalls");
  await phone.says(ana, "this is my new phone");
  await world.event("what she says with it", said("this is my new phone"));
  const { stream } = world.says(room, text("a secret"));
  await world.event(
    "that it was not sent",
    (event) =>
      event.stream > stream && event.room_id === room && /safety number/.test(String(event.content["body"])),
  );
}

/** A file of Ana's that Fred was told of and has not fetched, so that only the bridge has it. */
async function sentFile(world: EarlierWorld, { phone, room }: Chat) {
  await world.control.call("POST", "/faults", { fault: "media-down", direction: "from_bridge" });
  const bytes = blob(3_000);
  world.says(room, await fileOf(world, bytes, "sent.bin"));
  const { id } = await phone.shows("the file", ({ kind }) => kind === "file");
  return { id, sha256: sha256(bytes) };
}

async function archive(world: EarlierWorld, { phone, room }: Chat): Promise<void> {
  await phone.does("leaves");
  await world.event(
    "the word that he left",
    ({ room_id: id, content }) => id === room && /no longer on/.test(String(content["body"])),
  );
  await world.until("the room to be read-only", () => {
    const { state } = world.homeserver;
    return (
      state.power(world.room(room), ana) < state.needed(world.room(room), "m.room.message", false) ||
      undefined
    );
  });
}

async function fileOf(world: EarlierWorld, bytes: Uint8Array, name: string) {
  const response = await fetch(`${world.homeserver.url}/_matrix/media/v3/upload?filename=${name}`, {
    method: "POST",
    headers: { authorization: `Bearer token of ${ana}`, "content-type": "application/octet-stream" },
    body: bytes,
  });
  const { content_uri: url } = (await response.json()) as { readonly content_uri: string };
  return { msgtype: "m.file", body: name, filename: name, url, info: { size: bytes.length } };
}

async function traffic(
  world: EarlierWorld,
  { Wim, Bea, Fred, Mia }: Readonly<Record<"Wim" | "Bea" | "Fred" | "Mia", Chat>>,
  nel: Phone,
) {
  const fault = (rule: Readonly<Record<string, string>>) => world.control.call("POST", "/faults", rule);
  const slow = { kind: "slow", ms: 60_000 } as const;
  const parked = { edited: "PARKED0EDIT", reacted: "PARKED0REACTION" };
  const { homeserver } = world;

  // To Matrix: what is for Bea's room is sent without an answer, Nel's room is made without one, a file is put without one.
  homeserver.faults.order({
    fault: slow,
    method: "PUT",
    path: `/rooms/${encodeURIComponent(Bea.room)}/send/`,
  });
  homeserver.faults.order({ fault: slow, method: "POST", path: "/createRoom" });
  homeserver.faults.order({ fault: slow, method: "PUT", path: "/_matrix/media/v3/upload/" });
  const arriving = await picture("png");
  await Fred.phone.does("sends", {
    to: ana,
    as: "file",
    media: base64(arriving),
    mimetype: "image/png",
    name: "arriving.png",
  });
  await Wim.phone.does("edits", { to: ana, target: parked.edited, text: "edited before it came" });
  await Wim.phone.does("reacts", { to: ana, target: parked.reacted, emoji: "🎉" });
  for (let n = 1; n <= many; n += 1) {
    await Bea.phone.says(ana, `Bea ${n}`);
    await nel.says(ana, `Nel ${n}`);
    await Fred.phone.says(ana, `Fred ${n}`);
    await Mia.phone.says(ana, `Mia ${n}`);
  }

  // To the networks: Wim's phone has what is not acknowledged, Mia's never gets it; Ana's file is cut off again and again.
  await fault({ fault: "drop", direction: "to_bridge", stanza: "ack", person: Wim.phone.person });
  await fault({ fault: "drop", direction: "to_bridge", stanza: "receipt", person: Wim.phone.person });
  await fault({ fault: "drop", direction: "from_bridge", stanza: "message", person: Mia.phone.person });
  homeserver.media.cut = 1_000;
  const sending = blob(5_000);
  world.says(Fred.room, await fileOf(world, sending, "sending.bin"));
  for (let n = 1; n <= many; n += 1) {
    for (const [name, { room }] of Object.entries({ Wim, Mia, Fred }))
      world.says(room, text(`to ${name} ${n}`));
  }
  return {
    parked,
    files: {
      sending: sha256(sending),
      arriving: sha256(arriving),
    },
  };
}
