import type { Db } from "./database.ts";

/** Reports to the gatekeeper, as they came. */
export function reportTable(db: Db) {
  const insert = db.prepare("INSERT INTO report (body) VALUES (?)");
  const all = db.prepare<[], { seq: number; body: string }>("SELECT seq, body FROM report ORDER BY seq");
  return {
    /** To be called inside a commit. */
    add: (report: Readonly<Record<string, unknown>>): void => void insert.run(JSON.stringify(report)),
    list: (): readonly unknown[] =>
      all.all().map(({ seq, body }) => ({ seq, ...(JSON.parse(body) as object) })),
  };
}
export type Reports = ReturnType<typeof reportTable>;
