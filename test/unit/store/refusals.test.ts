import { expect, test } from "@jest/globals";
import { BridgeError } from "../../../src/core/model/errors.ts";
import { openStore } from "../../../src/store/open.ts";
import { quietLog } from "../../kit/interop-world.ts";

test("a record that turns back is its writer's affair; one that fails is an administrator's", async () => {
  const errors: string[] = [];
  const log = { ...quietLog, error: (words: string) => void errors.push(words) };
  await using store = openStore({ path: ":memory:", log });
  const back = new BridgeError("gone", { words: "It was taken back.", certain: true });
  const refused = store.write(() => {
    throw back;
  });
  await store.write((tx) => tx.records.set("scope", "name", "kept"));
  await expect(refused).rejects.toBe(back);
  expect(await store.records.get("scope", "name")).toBe("kept");
  expect(errors).toEqual([]);
  await expect(
    store.write(() => {
      throw new TypeError("a fault");
    }),
  ).rejects.toMatchObject({ reason: "unstorable" });
  expect(errors).toEqual(["Writes were refused."]);
});
