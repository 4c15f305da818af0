import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readVcard } from "../../../../src/networks/signal/convert/read-vcard.ts";
import { nameOfCard, writeVcard } from "../../../../src/networks/signal/convert/write-vcard.ts";
import type { ContactCard } from "../../../../src/networks/signal/wire/data-message.ts";
import { contact } from "../wire/arbitrary-content.ts";

describe("cards", () => {
  test("are written as RFC 6350 has them, and read back with all that Signal has a place for", () => {
    fc.assert(
      fc.property(contact, (card) => {
        const vcard = writeVcard(card);
        for (const line of vcard.split("\r\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
        const read = readVcard(vcard, "x");
        const trimmed = (values: readonly { readonly value: string }[]) =>
          values.map(({ value }) => value.replaceAll(/\r\n?/g, "\n").trim()).filter((value) => value !== "");
        expect(read.phones.map(({ value }) => value)).toEqual(trimmed(card.phones));
        expect(read.phones.map(({ type }) => type)).toEqual(
          card.phones.filter(({ value }) => value.trim() !== "").map(({ type }) => type),
        );
        const plain = (value: string | undefined) => (value ?? "").replaceAll(/\r\n?/g, "\n").trim();
        const places = ({ addresses }: ContactCard) =>
          addresses
            .map(({ street, pobox, neighborhood, city, region, postcode, country }) =>
              [street, pobox, neighborhood, city, region, postcode, country].map(plain),
            )
            .filter((fields) => fields.some((field) => field !== ""));
        expect(places(read)).toEqual(places(card));
        expect(read.organization ?? "").toBe(plain(card.organization));
      }),
    );
  });

  test("of other apps are read", () => {
    const vcard = [
      "BEGIN:VCARD",
      "VERSION:3.0",
      "FN:Grace Hopper",
      "N:Hopper;Grace;Brewster;Adm.;PhD",
      "item1.TEL;TYPE=CELL,VOICE:+31 6 1234",
      'TEL;TYPE="work,fax":030',
      "TEL;VALUE=uri;TYPE=home:tel:+31-30-5",
      "TEL;HOME:031",
      "EMAIL:mailto:g@example.org",
      "ADR;TYPE=work:;;Main\\, 1;Utrecht;;3500",
      "  AA;NL",
      "ORG:Navy;Computing",
      "NICKNAME:Amazing\\nGrace",
      'X-ODD;A="b:c":d',
      "no colon here",
      "TEL:",
      "ADR:;;;;;;",
      "END:VCARD",
    ].join("\n");
    expect(readVcard(vcard, "unused")).toEqual({
      name: {
        given: "Grace",
        family: "Hopper",
        middle: "Brewster",
        prefix: "Adm.",
        suffix: "PhD",
        nickname: "Amazing\nGrace",
      },
      phones: [
        { value: "+31 6 1234", type: "mobile" },
        { value: "030", type: "work" },
        { value: "+31-30-5", type: "home" },
        { value: "031", type: "home" },
      ],
      emails: [{ value: "g@example.org", type: "custom" }],
      addresses: [{ type: "work", street: "Main, 1", city: "Utrecht", postcode: "3500 AA", country: "NL" }],
      organization: "Navy, Computing",
    });
  });

  test("without a structured name have the shown one, or the one given beside them", () => {
    expect(readVcard("BEGIN:VCARD\r\nFN:Grace\r\nEND:VCARD", "unused").name).toEqual({ given: "Grace" });
    expect(readVcard("", "Grace")).toEqual({
      name: { given: "Grace" },
      phones: [],
      emails: [],
      addresses: [],
    });
    expect(
      nameOfCard({ name: { nickname: " " }, phones: [], emails: [], addresses: [], organization: "Navy" }),
    ).toBe("Navy");
  });

  test("of any text are read in linear time, and nothing is thrown", () => {
    fc.assert(fc.property(fc.string(), (noise) => void readVcard(noise, "x")));
    for (const unit of ["\\", ";", '"', "a:", "\n ", "TEL:1\n", "N:;;;;\n", ":"]) {
      const before = process.threadCpuUsage();
      const read = readVcard(`N:${unit.repeat(200_000)}`, "x");
      const { user, system } = process.threadCpuUsage(before);
      expect(user + system).toBeLessThan(200_000);
      expect(read.phones.length).toBeLessThanOrEqual(20);
    }
  });
});
