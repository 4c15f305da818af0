import { expect, test } from "@jest/globals";
import type { LoginId } from "../../src/core/model/ids.ts";
import type { AnswersNothing } from "../../src/core/ports/family-store.ts";
import type { Writes } from "../../src/core/ports/store.ts";
import { hostedFiles } from "../../src/networks/meta-interop/hosted-files.ts";
import { signalRecords } from "../../src/signal-protocol/signal-records.ts";
import type { OpenStoreUnderTest } from "./store-fixtures.ts";

type Same<A, B> = [A, B] extends [B, A] ? true : false;

/** These compile only as long as a write that answers does not. */
interface Some {
  quiet(it: string): void;
  changed(): boolean;
  perhaps(): number | void;
  later(): Promise<void>;
  nothing(): undefined;
}
const named: Same<
  AnswersNothing<Some>,
  { readonly "answers, and must not": "changed" | "perhaps" | "later" | "nothing" }
> = true;
const taken: Same<AnswersNothing<Pick<Some, "quiet">>, Pick<Some, "quiet">> = true;
type Table = Readonly<Record<string, () => unknown>>;

export function answers(open: OpenStoreUnderTest): void {
  test("what a record lists answers nothing, of the core's tables and of the families'", async () => {
    expect([named, taken]).toEqual([true, true]);
    await using it = await open();
    const given: unknown[] = [];
    let asked = 0;
    const abandoned = it.store.write((tx: Writes) => {
      const tables = Object.values(tx).filter((table) => typeof table === "object");
      given.push(tx.guard({ kind: "login-exists", login: "none" as LoginId }));
      for (const table of [...tables, tx.family(signalRecords), tx.family(hostedFiles)]) {
        for (const write of Object.values(table as unknown as Table)) {
          asked += 1;
          given.push(write());
        }
      }
    });
    await expect(abandoned).rejects.toMatchObject({ reason: "changed" });
    expect(asked).toBeGreaterThan(60);
    expect(given.filter((one) => one !== undefined)).toEqual([]);
  });
}
