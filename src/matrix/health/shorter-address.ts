import { fieldOf } from "../http/json.ts";
import { Requests, route } from "../http/requests.ts";

/** Milliseconds for each address. */
const TIMEOUT = 3_000;
/** The most addresses that are tried; `/_matrix/client/v3` has three above it. */
const MOST = 4;

/** The address with less of its path, where a homeserver answers there; else undefined. It is asked without a token. */
export async function shorterAddress(address: string): Promise<string | undefined> {
  const { origin, pathname } = new URL(address);
  const segments = pathname.split("/").filter((segment) => segment !== "");
  const above = segments
    .map((_, taken) => [origin, ...segments.slice(0, segments.length - taken - 1)].join("/"))
    .slice(0, MOST);
  for (const candidate of above) if (await isHomeserver(candidate)) return candidate;
  return undefined;
}

async function isHomeserver(homeserverUrl: string): Promise<boolean> {
  const about = { homeserverUrl, asToken: "", connections: 1, maxResponse: 1024 * 1024 };
  await using requests = new Requests(about);
  const path = route`/_matrix/client/versions`;
  try {
    const { status, body } = await requests.ask({ method: "GET", path, anonymous: true, timeout: TIMEOUT });
    return status === 200 && Array.isArray(fieldOf(body, "versions"));
  } catch {
    return false;
  }
}
