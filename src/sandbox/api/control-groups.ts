import { describedGroup } from "../groups/described-group.ts";
import type { Groups } from "../groups/groups.ts";
import { HttpError } from "../http/http-error.ts";
import type { Route } from "../http/http-server.ts";
import { pictureOf, pictureType } from "../phone/profile-picture.ts";

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
    {
      method: "GET",
      path: `${base}/groups/:group/picture`,
      handle({ params }) {
        const group = groups.table.byJid(params["group"] ?? "");
        const bytes = group && pictureOf(group, groups.parts.media);
        if (bytes === undefined)
          throw new HttpError(404, "no-picture", "There is no such group, or it has no picture.");
        return { status: 200, bytes, type: pictureType(bytes) };
      },
    },
  ];
}
