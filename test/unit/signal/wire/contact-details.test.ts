import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  type ContactDetails,
  readContactDetails,
} from "../../../../src/networks/signal/wire/contact-details.ts";
import { WireError } from "../../../../src/networks/signal/wire/errors.ts";
import { uuidBytes } from "../../../../src/networks/signal/wire/service-id.ts";
import { signalservice } from "./mock-protos.ts";

const ada = "aaaaaaaa-0000-4000-8000-000000000001";
type Params = Parameters<typeof signalservice.ContactDetails.encode>[0];

/** A contact as a phone's file has it, with a picture of so many bytes. */
function inFile(fields: Partial<Params>, picture = 0): Uint8Array {
  const avatar = picture === 0 ? null : { contentType: "image/png", length: picture, $unknown: [] };
  const details = signalservice.ContactDetails.encode({ ...fields, avatar } as Params);
  const length =
    details.length < 0x80 ? [details.length] : [(details.length % 0x80) | 0x80, details.length >> 7];
  return Buffer.concat([Uint8Array.from(length), details, Buffer.alloc(picture, 0x77)]);
}

/** The file in chunks of these sizes, again and again. */
async function* chunks(file: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < file.length; turn += 1) {
    const end = at + (sizes[turn % sizes.length] ?? 1);
    yield file.subarray(at, end);
    at = end;
  }
}

async function read(
  file: Uint8Array,
  sizes: readonly number[] = [file.length + 1],
): Promise<ContactDetails[]> {
  const contacts: ContactDetails[] = [];
  for await (const contact of readContactDetails(chunks(file, sizes))) contacts.push(contact);
  return contacts;
}

describe("a phone's file of contacts", () => {
  const none = { seconds: 0, version: 0 };
  const file = Buffer.concat([
    inFile(
      {
        aciBinary: uuidBytes(ada),
        name: "Ada",
        number: "+31612345678",
        expireTimer: 60,
        expireTimerVersion: 2,
      },
      300,
    ),
    inFile({ aci: ada.toUpperCase(), name: "n".repeat(200) }),
    inFile({ number: "+1" }, 5),
  ]);

  test("is read in chunks of any size, over its pictures", async () => {
    const contacts = [
      { account: ada, name: "Ada", number: "+31612345678", timer: { seconds: 60, version: 2 } },
      { account: ada, name: "n".repeat(200), timer: none },
      { number: "+1", timer: none },
    ];
    expect(await read(file)).toEqual(contacts);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
        async (sizes) => {
          expect(await read(file, sizes)).toEqual(contacts);
        },
      ),
    );
    expect(await read(new Uint8Array())).toEqual([]);
  });

  test.each([1, 3, 400, file.length - 1])("that ends after %d bytes is malformed", async (end) => {
    await expect(read(file.subarray(0, end))).rejects.toThrow(WireError);
  });

  test("whose contact is longer than any is refused before it is all there", async () => {
    const endless = Buffer.concat([Uint8Array.of(0xff, 0xff, 0xff, 0x7f), Buffer.alloc(10)]);
    await expect(read(endless)).rejects.toMatchObject({ reason: "too-long" });
    await expect(read(Buffer.alloc(10, 0xff))).rejects.toMatchObject({ reason: "malformed" });
  });

  test("of random bytes is refused, or has contacts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (noise) => {
        await read(noise).catch((error: unknown) => expect(error).toBeInstanceOf(WireError));
      }),
    );
  });
});
