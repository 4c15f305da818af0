import type { UserId } from "../model/ids.ts";
import type { MediaFile } from "../model/media.ts";
import type { Clock } from "../ports/clock.ts";
import { type PersonDataPage, personDataParts } from "../ports/person-data.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { Store } from "../ports/store.ts";

/** Rows that are read at once. */
const PAGE = 500;

interface PersonDataSources {
  readonly store: Pick<Store, "personData">;
  readonly clock: Pick<Clock, "now">;
  readonly scheduler: Scheduler;
}

/** What the bridge holds about a person, as a JSON object: the person, when it was told, and rows by what they are. */
export interface ExportedData {
  readonly rows: number;
  readonly file: Pick<MediaFile, "size" | "read">;
}

/** Collects and writes what the bridge holds about a person page by page, so that nobody waits for it. */
export async function exportedData(
  { store, clock, scheduler }: PersonDataSources,
  user: UserId,
): Promise<ExportedData> {
  const encoder = new TextEncoder();
  const pieces: Uint8Array[] = [];
  const write = (text: string): void => void pieces.push(encoder.encode(text));
  let count = 0;
  write(`{"person":${JSON.stringify(user)},"exported_at":${clock.now()},"data":{`);
  for (const part of personDataParts) {
    write(`${part === personDataParts[0] ? "" : ","}\n"${part}":[`);
    let written = 0;
    let next: PersonDataPage["next"];
    do {
      await scheduler.yield();
      const page = await store.personData.page(user, part, next, PAGE);
      write(
        page.rows.map((row, index) => `${written + index > 0 ? "," : ""}\n${JSON.stringify(row)}`).join(""),
      );
      written += page.rows.length;
      next = page.next;
    } while (next !== undefined);
    write("]");
    count += written;
  }
  write("}}\n");
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return {
    rows: count,
    file: {
      size,
      async *read() {
        yield* pieces;
      },
    },
  };
}
