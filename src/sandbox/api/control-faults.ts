import { z } from "zod";
import { neverHits } from "../faults/fault-places.ts";
import { type Faults, faultRule } from "../faults/faults.ts";
import { HttpError } from "../http/http-error.ts";
import type { Route } from "../http/http-server.ts";

/** Sets, lists and deletes fault rules: `POST`, `GET` and `DELETE …/faults[/id]`. */
export function faultRoutes(base: string, faults: Faults): readonly Route[] {
  return [
    {
      method: "GET",
      path: `${base}/faults`,
      handle: () => ({ status: 200, body: { faults: faults.list() } }),
    },
    {
      method: "POST",
      path: `${base}/faults`,
      async handle(request) {
        const read = faultRule.safeParse(await request.json());
        if (!read.success) throw new HttpError(400, "malformed", z.prettifyError(read.error));
        const never = neverHits(read.data);
        if (never !== undefined) throw new HttpError(400, "never-hits", never);
        return { status: 200, body: { id: await faults.add(read.data) } };
      },
    },
    {
      method: "DELETE",
      path: `${base}/faults`,
      handle: async () => ({ status: 200, body: { deleted: await faults.remove() } }),
    },
    {
      method: "DELETE",
      path: `${base}/faults/:id`,
      async handle({ params }) {
        const deleted = await faults.remove(Number(params["id"]));
        if (deleted === 0) throw new HttpError(404, "no-such-fault", "There is no fault of this id.");
        return { status: 200, body: { deleted } };
      },
    },
  ];
}
