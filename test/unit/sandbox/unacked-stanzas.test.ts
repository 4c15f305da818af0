import { describe, expect, test } from "@jest/globals";
import { Flights, flightKey } from "../../../src/sandbox/chat/unacked-stanzas.ts";

const key = flightKey({ class: "message", id: "A", peer: "1@msgr", type: "" });

describe("letters under way", () => {
  test("an acknowledgement lands the oldest of its key, once", () => {
    const flights = new Flights();
    flights.sent(key, { seq: 1 }, 0);
    flights.sent(key, { seq: 2, load: 9 }, 0);
    flights.sent(key, { seq: 2, load: 9 }, 0);
    expect(flights.size).toBe(2);
    expect(flights.acknowledge(key)).toMatchObject({ seq: 1, load: null });
    expect(flights.acknowledge(key)).toMatchObject({ seq: 2, load: 9 });
    expect(flights.acknowledge(key)).toBe("again");
    expect(flights.acknowledge("message B 1@msgr ")).toBeUndefined();
    expect(flights.size).toBe(0);
  });

  test("is late once, and not when a fault kept the acknowledgement", () => {
    const flights = new Flights();
    const other = flightKey({ class: "receipt", id: "A", peer: "1@msgr", type: "read" });
    flights.sent(key, { seq: 1 }, 5);
    flights.sent(other, { seq: 2 }, 5);
    flights.excuse(other);
    expect(flights.lateSince(4)).toEqual([]);
    expect(flights.lateSince(5)).toEqual([key]);
    expect(flights.lateSince(99)).toEqual([]);
  });

  test("a key ignores device 0, and tells receipts apart by type", () => {
    const of = (peer: string, type: string) => flightKey({ class: "receipt", id: "A", peer, type });
    expect(of("12-1:0@interop", "")).toBe(of("12-1@interop", ""));
    expect(of("1@msgr", "read")).not.toBe(of("1@msgr", ""));
  });
});
