import type { UserId } from "../core/ids.ts";
import { faultOfReply } from "./fault.ts";
import { fieldOf } from "./json.ts";
import { type Requests, route } from "./requests.ts";

/** Whether a user of our namespace has an account; one without may not even ask who it is. */
export async function isRegistered(requests: Requests, user: UserId): Promise<boolean> {
  const reply = await requests.ask({
    method: "GET",
    path: route`/_matrix/client/v3/account/whoami`,
    as: user,
  });
  if (reply.status === 200) return true;
  if (reply.status === 403) return false;
  throw faultOfReply(reply);
}

export async function displayNameOf(requests: Requests, user: UserId): Promise<unknown> {
  const path = route`/_matrix/client/v3/profile/${user}/displayname`;
  const reply = await requests.ask({ method: "GET", path, as: user });
  return reply.status === 200 ? fieldOf(reply.body, "displayname") : undefined;
}
