import { describedGroup } from "../groups/described-group.ts";
import type { Groups } from "../groups/groups.ts";
import type { Route } from "../http/http-server.ts";

/** `GET groups`: every group with its members. */
export function groupRoutes(base: string, groups: Groups): readonly Route[] {
  return [
    {
      method: "GET",
      path: `${base}/groups`,
      handle: () => ({
        status: 200,
        body: { groups: groups.table.all().map((group) => describedGroup(groups, group)) },
      }),
    },
  ];
}
