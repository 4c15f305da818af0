import type { UserId } from "../model/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { type PersonDataPart, type PersonDataRow, personDataParts } from "../ports/person-data.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Store } from "../ports/store.ts";

/** Rows that are read at once. */
const PAGE = 500;

interface PersonDataSources {
  readonly store: Pick<Store, "personData">;
  readonly clock: Pick<Clock, "now">;
  readonly scheduler: Scheduler;
}

/** What the bridge holds about a person: what it is, and the rows. */
export interface ExportedData {
  readonly person: UserId;
  /** Milliseconds since the epoch. */
  readonly exported_at: number;
  readonly data: Readonly<Record<PersonDataPart, PersonDataRow[]>>;
}

/** Collects what the bridge holds about a person, page by page, so that nobody waits for it. */
export async function exportedData(
  { store, clock, scheduler }: PersonDataSources,
  user: UserId,
): Promise<ExportedData> {
  const data: Partial<Record<PersonDataPart, PersonDataRow[]>> = {};
  for (const part of personDataParts) {
    const rows: PersonDataRow[] = [];
    for (;;) {
      const page = await store.personData.page(user, part, rows.length, PAGE);
      rows.push(...page);
      if (page.length < PAGE) break;
      await scheduler.yield();
    }
    data[part] = rows;
  }
  // Each part has its entry by now.
  return { person: user, exported_at: clock.now(), data: data as ExportedData["data"] };
}
