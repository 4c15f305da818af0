import { beforeAll, describe, expect, test } from "@jest/globals";
import { askBot } from "../../tools/demo/opt-in.ts";
import { eventually } from "../kit/eventually.ts";
import { onSynapse, type ViewedPerson, viewedPerson } from "../kit/on-synapse.ts";
import { type LinkedPerson, linkByBot, linkedPerson } from "../kit/signal/on-signal.ts";

const here = onSynapse({ secrets: ["Nico Nummer", "Greet Gebruiker", "sgnl://"], signal: true });

let ana: LinkedPerson;
let bob: LinkedPerson;

beforeAll(async () => {
  [ana, bob] = await Promise.all([linkedPerson(here.world, "Ana"), linkedPerson(here.world, "Bob")]);
});

const phoneOf = (name: string) => here.world.world.signalControl.person(name);
const asks = (person: ViewedPerson, text: string, answer: RegExp): Promise<string> =>
  askBot(person.client, here.world.botId, person.management, text, answer);
/** The bot's next message to somebody in their chat with it. */
const told = (person: ViewedPerson, words: RegExp): Promise<unknown> =>
  person.client.next(`the bot to say ${words}`, ({ roomId, sender, content }) => {
    const is = roomId === person.management && sender === here.world.botId;
    return is && words.test(String(content["body"]));
  });
/** The room in which somebody's client shows this text. */
const roomOf = (person: ViewedPerson, text: string) =>
  person.viewer.until(`“${text}”`, ({ rooms }) => {
    for (const { id, name, events } of rooms) {
      const event = events.find(({ content }) => content["body"] === text);
      if (event) return { id, name, sender: event.sender };
    }
    return undefined;
  });

describe("people on Signal", () => {
  test("the notice says who can read what, and the code is gone when it was scanned", async () => {
    const cleo = await viewedPerson(here.world, "Cleo", []);
    const notice = await asks(cleo, "enable signal", /\byes\b/i);
    expect(notice).toMatch(/plain text/);
    expect(notice).toMatch(/one more device/);
    await asks(cleo, "no", /./);
    const phone = await phoneOf("Cleo Eigen");
    expect(await linkByBot(here.world, cleo, phone)).toContain(`account ${phone.externalId}`);
    await cleo.viewer.room(
      cleo.management,
      "no code",
      ({ events }) => !events.some(({ content, redacted }) => content["msgtype"] === "m.image" && !redacted),
    );
    await asks(cleo, "disable signal yes", /is off: .* deleted/);
    const devices = await here.world.world.signalControl.users();
    expect(devices.filter(({ visible_id }) => visible_id === phone.aci)).toEqual([]);
  });

  test("a chat is begun by username, and by a name from the phone's contacts", async () => {
    const greet = await phoneOf("Greet Gebruiker");
    await greet.does("takesUsername", { username: "greet.42" });
    await asks(ana, "start-chat signal greet.42", /The chat with greet.42 is open/);
    const invited = await ana.viewer.until("the room", ({ rooms }) =>
      rooms.find(({ name }) => name === "greet.42 (Signal)"),
    );
    await ana.client.say(invited.id, "hello Greet, by your username");
    await greet.hears("hello Greet, by your username");
    await greet.says(ana.own.aci, "hello Ana");
    expect((await roomOf(ana, "hello Ana")).id).toBe(invited.id);
    // Their message brings the key of their profile.
    await ana.viewer.room(invited.id, "their own name", ({ name }) => name === "Greet Gebruiker (Signal)");

    const karel = await phoneOf("Karel Kaart");
    await ana.own.does("unblocks", { to: karel.aci });
    await eventually("a contact of the phone's", async () => {
      const answer = await asks(ana, "start-chat signal Karel Kaart", /./);
      return answer.startsWith("The chat with Karel Kaart is open");
    });
    await asks(ana, "start-chat signal nobody.99", /[Nn]obody/);
    await asks(ana, "start-chat signal +31600000000", /number/);
  });

  test("who knows the number alone is answered by its account", async () => {
    const nico = await phoneOf("Nico Nummer");
    await nico.does("says", { to: ana.own.aci, text: "is this your number?", toNumber: true });
    const { id } = await roomOf(ana, "is this your number?");
    await ana.client.say(id, "it is");
    await nico.hears("it is");
    const proof = (await nico.everythingHeard()).find((heard) => JSON.stringify(heard).includes('"it is"'));
    expect(JSON.stringify(proof)).toContain('"pniSignatureMessage":{');
  });

  test("without the double puppet a ghost of one's own shows what the phone writes, also to somebody new", async () => {
    const vera = await phoneOf("Vera Vreemd");
    await ana.own.does("writesFromPhone", { to: vera.aci, text: "Vera, it is me" });
    const { id, sender } = await roomOf(ana, "Vera, it is me");
    expect(sender).not.toBe(ana.userId);
    expect((await ana.client.state(id, "m.room.member", sender))["displayname"]).toBe("Ana (Signal)");
    await vera.says(ana.own.aci, "so it is");
    const answered = await roomOf(ana, "so it is");
    expect(answered.id).toBe(id);
    expect(answered.sender).not.toBe(sender);
    await ana.client.say(id, "now from Matrix");
    await vera.hears("now from Matrix");
  });

  test("two people have a contact each for themselves, and each other", async () => {
    const [forAna, forBob] = [await ana.contact("Gijs Gedeeld"), await bob.contact("Gijs Gedeeld")];
    expect(forAna.room).not.toBe(forBob.room);
    expect(forAna.ghost).toBe(forBob.ghost);
    await forAna.said("for Gijs, from Ana");
    await forBob.said("for Gijs, from Bob");
    const { events } = await forBob.stillWorks();
    expect(events.map(({ content }) => content["body"])).not.toContain("for Gijs, from Ana");

    await bob.own.does("takesUsername", { username: "bob.77" });
    await asks(ana, "start-chat signal bob.77", /The chat with bob.77 is open/);
    const { id } = await ana.viewer.until("the room", ({ rooms }) =>
      rooms.find(({ name }) => name === "bob.77 (Signal)"),
    );
    await ana.client.say(id, "Bob, are you here too?");
    const shown = await roomOf(bob, "Bob, are you here too?");
    expect(shown.name).toBe("Ana Eigen (Signal)");
    await bob.client.say(shown.id, "I am");
    expect((await roomOf(ana, "I am")).id).toBe(id);
  });

  test("a second account of one person has rooms of its own", async () => {
    const second = await phoneOf("Bob Werk");
    await linkByBot(here.world, bob, second);
    const gijs = await phoneOf("Gijs Gedeeld");
    await gijs.says(second.aci, "to your work number");
    const { id } = await roomOf(bob, "to your work number");
    await bob.client.say(id, "from my work number");
    await gijs.hears("from my work number");
    const heard = await gijs.shows("the answer", ({ text }) => text === "from my work number");
    expect(heard.from).toBe(second.aci);
    expect(await asks(bob, "status", /Signal/)).toContain(second.externalId);
  });

  test("a safety number is the one on the contact's phone, and to a verified contact with another one nothing is sent until the person agrees", async () => {
    const chat = await ana.contact("Zef Zeker");
    await chat.said("is it you?");
    const shown = async (words: RegExp) =>
      (await asks(ana, "verify signal Zef Zeker", words)).match(/\b\d{5}\b/g)?.join("");
    const first = await shown(/safety number with/);
    expect(first).toMatch(/^\d{60}$/);
    expect(first).toBe(await chat.phone.safety(ana.own.aci));
    await asks(ana, "verify signal Zef Zeker yes", /is verified/);

    await chat.phone.does("reinstalls");
    await chat.does("says", { text: "a new phone" });
    await chat.notice(/safety number changed.*nothing is sent/s);
    await chat.text("a new phone");
    await chat.notice(/another one than you verified/, await chat.say("is it still you?"));
    const second = await shown(/changed since/);
    expect(second).not.toBe(first);
    expect(second).toBe(await chat.phone.safety(ana.own.aci));
    await asks(ana, "verify signal Zef Zeker yes", /is verified/);
    await chat.said("it is you");

    // Whoever writes first after the change learns of it before anything leaves for the new key.
    await chat.phone.does("reinstalls");
    const unsent = await chat.say("are you there?");
    await chat.event(
      "the mark that it was not sent",
      ({ id, reactions }) => id === unsent && "⚠️" in reactions,
    );
    await asks(ana, "unverified signal Zef Zeker", /not verified/);
    await chat.said("whoever you are");
    const { items } = await chat.phone.inbox();
    const texts = items.map(({ text }) => text);
    expect(texts).toContain("it is you");
    expect(texts).not.toContain("is it still you?");
    expect(texts).not.toContain("are you there?");
  });

  test("calls and stories are told, or left out by choice", async () => {
    const chat = await ana.contact("Bella Bel");
    await chat.does("calls");
    await chat.notice(/is calling you/);
    await chat.does("postsStory");
    await chat.notice(/posted a story/);
    await asks(ana, "calls off", /./);
    await asks(ana, "stories off", /./);
    await chat.does("calls");
    const kurt = await ana.contact("Kurt Kort");
    await kurt.does("postsStory");
    await kurt.stillWorks();
    const { events } = await chat.stillWorks();
    const bodies = events.map(({ content }) => String(content["body"]));
    expect(bodies.filter((body) => body.includes("is calling you"))).toHaveLength(1);
    const later = await kurt.until("the room", (room) => room);
    expect(JSON.stringify(later.events)).not.toContain("posted a story");
  });

  test("a bridge that the phone removed says so, and goes on in the same rooms when it is linked again", async () => {
    const chat = await ana.contact("Ria Rest");
    const gone = told(ana, /removed from the linked devices/);
    await ana.own.does("unlinks");
    await gone;
    await chat.until("a room where nobody can write", ({ maySpeak }) => !maySpeak);
    await linkByBot(here.world, ana, ana.own);
    await chat.until("a room to write in", ({ maySpeak }) => maySpeak);
    await chat.stillWorks();
  });

  test("a server that was killed and knows no device any more is told in words; the rooms go on once it has the accounts", async () => {
    const chat = await ana.contact("Momo Muis");
    const { world } = here.world;
    await world.signal.kill("SIGKILL");
    const waiting = await chat.say("are you there?");
    const gone = told(ana, /removed from the linked devices/);
    await world.startSignal();
    await gone;
    await chat.notice(/Not delivered/, waiting);
    await chat.until("a room where nobody can write", ({ maySpeak }) => !maySpeak);
    for (const phone of [ana.own, chat.phone]) await world.signalControl.person(phone.person, phone.aci);
    await linkByBot(here.world, ana, ana.own);
    await chat.until("a room to write in", ({ maySpeak }) => maySpeak);
    await asks(ana, "retry signal Momo Muis", /./);
    await chat.phone.hears("are you there?");
    await chat.stillWorks();
  });
});
