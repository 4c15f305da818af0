import { describe, expect, test } from "@jest/globals";
import { ServiceId } from "@signalapp/libsignal-client";
import fc from "fast-check";
import {
  readAci,
  readPni,
  readServiceId,
  serviceIdBytes,
  uuidBytes,
} from "../../../../src/networks/signal/wire/service-id.ts";
import { serviceId } from "./arbitrary-content.ts";

const uuid = "0f0e1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b";

describe("service ids", () => {
  test("have the bytes that libsignal gives them, and come back from either field", () => {
    fc.assert(
      fc.property(serviceId, (id) => {
        const bytes = serviceIdBytes(id);
        expect([...bytes]).toEqual([...ServiceId.parseFromServiceIdString(id).getServiceIdBinary()]);
        expect(readServiceId(undefined, bytes)).toBe(id);
        expect(readServiceId(id, undefined)).toBe(id);
        const fixed = ServiceId.parseFromServiceIdString(id).getServiceIdFixedWidthBinary();
        expect(readServiceId(undefined, fixed)).toBe(id);
      }),
    );
  });

  test("are in lower case, whoever writes them", () => {
    expect(readServiceId(uuid.toUpperCase(), undefined)).toBe(uuid);
    expect(readServiceId(`PNI:${uuid.toUpperCase()}`, undefined)).toBe(`PNI:${uuid}`);
  });

  test("the binary field counts where both are there, and the other where it is none", () => {
    const other = "ffffffff-0000-4000-8000-000000000001";
    expect(readServiceId(other, uuidBytes(uuid))).toBe(uuid);
    expect(readServiceId(other, Uint8Array.of(1, 2))).toBe(other);
    expect(readServiceId(other, new Uint8Array())).toBe(other);
  });

  test("a phone number is no account, and a field for phone numbers needs no mark", () => {
    expect(readAci(`PNI:${uuid}`, undefined)).toBeUndefined();
    expect(readPni(undefined, uuidBytes(uuid))).toBe(`PNI:${uuid}`);
    expect(readPni(uuid, new Uint8Array())).toBe(`PNI:${uuid}`);
    expect(readPni(`PNI:${uuid}`, undefined)).toBe(`PNI:${uuid}`);
  });

  test.each(["", "x", `${uuid}0`, `pni:${uuid}`, `PNI:`, "0f0e1a2b3c4d4e5f8a9b0c1d2e3f4a5b", `${uuid}\n`])(
    "%j is none",
    (text) => {
      expect(readServiceId(text, new Uint8Array())).toBeUndefined();
    },
  );

  test.each([0, 1, 15, 17, 18])("%d bytes of another kind are none", (length) => {
    expect(readServiceId(undefined, new Uint8Array(length).fill(2))).toBeUndefined();
  });
});
