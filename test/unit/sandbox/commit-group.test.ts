import { describe, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { CommitGroup } from "../../../src/sandbox/state/commit-group.ts";

function table() {
  const db = new Database(":memory:");
  db.exec("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT");
  const insert = db.prepare("INSERT INTO t (n) VALUES (?)");
  const rows = (): unknown[] => db.prepare("SELECT n FROM t ORDER BY rowid").pluck().all();
  return { db, rows, add: (n: number) => () => insert.run(n) };
}

describe("a commit group", () => {
  test("runs everything asked for in one turn in one transaction, in order", async () => {
    const { db, rows, add } = table();
    const commits = new CommitGroup(db);
    const jobs = [3, 1, 2].map((n) => commits.commit(add(n)));
    expect(rows()).toEqual([]);
    await Promise.all(jobs);
    expect(rows()).toEqual([1, 2, 3]);
    expect(commits.attempt).toBe(1);
  });

  test("a job that fails takes no other with it", async () => {
    const { db, rows, add } = table();
    const commits = new CommitGroup(db);
    const results = await Promise.allSettled([1, 1, 2].map((n) => commits.commit(add(n))));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(rows()).toEqual([1, 2]);
    expect(db.inTransaction).toBe(false);
  });

  test("closing commits what waits and takes nothing more", async () => {
    const { db, rows, add } = table();
    const commits = new CommitGroup(db);
    const last = commits.commit(add(7));
    commits.close();
    await last;
    expect(rows()).toEqual([7]);
    await expect(commits.commit(add(8))).rejects.toThrow("closing");
  });
});
