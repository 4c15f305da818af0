import { z } from "zod";
import type { CommandScope } from "../../../core/command-scope.ts";
import type { MediaFile } from "../../../core/model/media.ts";
import { exportedData } from "../../../core/people/person-data.ts";
import type { Clock } from "../../../core/ports/clock.ts";
import { personDataParts } from "../../../core/ports/person-data.ts";
import { type Route, route, Written } from "../route.ts";

interface Scope extends Pick<CommandScope, "store" | "scheduler" | "processes" | "erasures"> {
  readonly clock: Pick<Clock, "now">;
}

const row = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

/** All that is kept about a person: for themselves to see, and to have deleted. */
export function personDataRoutes({ store, scheduler, processes, erasures, clock }: Scope): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/person/v1/data",
      id: "exportData",
      summary: "All that the bridge keeps about the person, without keys.",
      tag: "person",
      answer: z
        .object({
          person: z.string(),
          exported_at: z.number().int().describe("Milliseconds since the epoch"),
          data: z.record(z.enum(personDataParts), z.array(row)).describe("Rows by what they are"),
        })
        .meta({ id: "ExportedData" }),
      async handle({ caller: { user } }) {
        const { file } = await exportedData({ store, scheduler, clock }, user);
        return new Written(await collected(file));
      },
    }),
    route({
      method: "DELETE",
      path: "/person/v1/data",
      id: "deleteData",
      summary: "Turns the person's networks off and deletes all that the bridge keeps about them.",
      tag: "person",
      answer: z.object({
        unconfirmed: z
          .array(z.string())
          .describe(
            "Networks that did not confirm yet that the registration is deleted; they are asked until they do",
          ),
      }),
      async handle({ caller: { user } }) {
        await processes.of(user)?.end("cancelled");
        return { unconfirmed: [...(await erasures.begin(user))] };
      },
    }),
  ];
}

async function collected(file: Pick<MediaFile, "read">): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of file.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}
