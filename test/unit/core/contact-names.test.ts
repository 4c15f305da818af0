import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { ContactNames } from "../../../src/core/chats/contact-names.ts";

const NETWORKS = ["WhatsApp", "Messenger"] as const;
const names = (template = "{name} ({network})") =>
  new ContactNames({ template, networks: NETWORKS, bot: "Third-party chats" });
const shown = (given: string | undefined, template?: string): string => {
  const as = names(template);
  return as.shown(as.bare(given), "WhatsApp");
};

test.each([
  ["Wim", "Wim (WhatsApp)"],
  ["  Wim\n de Vries ", "Wim de Vries (WhatsApp)"],
  ["می‌خواهم", "می‌خواهم (WhatsApp)"],
  ["👩‍🚀", "👩‍🚀 (WhatsApp)"],
  ["Wim (work)", "Wim (work) (WhatsApp)"],
  ["wim@example.org", "wim@example.org (WhatsApp)"],
  ["Wim @ work", "Wim @ work (WhatsApp)"],
  ["{network}", "{network} (WhatsApp)"],
  ["$& $1", "$& $1 (WhatsApp)"],
  [undefined, "Unnamed contact (WhatsApp)"],
  ["\u200B\u2800", "Unnamed contact (WhatsApp)"],
])("%j is shown as %j", (given, wanted) => {
  expect(shown(given)).toBe(wanted);
});

test.each([
  ["@room", "room (WhatsApp)"],
  ["＠room", "room (WhatsApp)"],
  ["@\u200Droom and @ana", "room and ana (WhatsApp)"],
  ["@ana:example.org", "ana:example.org (WhatsApp)"],
  ["(@ana:example.org)", "(ana:example.org) (WhatsApp)"],
  ["Wim (Messenger)", "Wim (WhatsApp)"],
  ["Wim (WhatsApp)", "Wim (WhatsApp)"],
  ["Wim (Messenger) (WhatsApp) (Messenger)", "Wim (WhatsApp)"],
  ["Wim [messenger]", "Wim (WhatsApp)"],
  ["Wim （Ｍessenger）", "Wim (WhatsApp)"],
  ["Wim (Меssеngеr)", "Wim (WhatsApp)"],
  ["Wim (M e s s e n g e r)", "Wim (WhatsApp)"],
  ["Wim (Mes\u200Bsen\u034Fger)", "Wim (WhatsApp)"],
  ["Wim ((Messenger))", "Wim (WhatsApp)"],
  ["Wim (Mess(Messenger)enger)", "Wim (WhatsApp)"],
  ["Wim (Messenger", "Wim (WhatsApp)"],
  ["(Messenger)", "Unnamed contact (WhatsApp)"],
  ["Third-party chats", "Unnamed contact (WhatsApp)"],
  ["third–party  CHATS!", "Unnamed contact (WhatsApp)"],
  ["Тhird-рarty сhats", "Unnamed contact (WhatsApp)"],
])("%j poses as nobody: %j", (given, wanted) => {
  expect(shown(given)).toBe(wanted);
});

test.each([
  ["{network}: {name}", "Messenger: Wim", "WhatsApp: Wim"],
  ["{network}: {name}", "Меssеngеr ： Wim", "WhatsApp: Wim"],
  ["{name} · {network}", "Wim · Messenger", "Wim · WhatsApp"],
  ["[{network}] {name} (bridged)", "[Messenger] Wim (bridged)", "[WhatsApp] Wim (bridged)"],
])("with the template %j, %j is shown as %j", (template, given, wanted) => {
  expect(shown(given, template)).toBe(wanted);
});

test("whatever a contact calls themselves, the network is shown whole, at its place, and once", () => {
  const piece = fc.oneof(
    fc.constantFrom("(", ")", "WhatsApp", "(Messenger)", "[whatsapp]", "@", " ", "Wim", "Μessenger", "（"),
    fc.string({ unit: "binary", maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const as = names();
      const bare = as.bare(pieces.join(""));
      const whole = as.shown(bare, "Messenger");
      expect(whole).toBe(`${bare} (Messenger)`);
      expect(bare).not.toMatch(/\((WhatsApp|Messenger)\)|^@\S|^\s|\s$/i);
      expect(Array.from(bare).length).toBeLessThanOrEqual(100);
      expect(as.bare(bare)).toBe(bare);
    }),
  );
});
