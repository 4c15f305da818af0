import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { MatrixClient } from "../../../tools/matrix/client.ts";

const invited = { membership: "invite" };
const inviteTo = {
  invite_state: {
    events: [{ type: "m.room.member", state_key: "@ana:here", sender: "@wim:here", content: invited }],
  },
};

let server: Server;
/** Rooms that were joined, or tried. */
let joined: string[];

/** A homeserver that tells of an invitation in its first sync only, as Synapse does. */
beforeEach(async () => {
  joined = [];
  server = createServer((request, response) => {
    const { url = "" } = request;
    const answer = (status: number, body: object): void =>
      void response.writeHead(status).end(JSON.stringify(body));
    const room = /\/join\/(.*)/.exec(url)?.[1];
    if (url.endsWith("/login")) return answer(200, { user_id: "@ana:here", access_token: "t" });
    if (room !== undefined) {
      joined.push(decodeURIComponent(room));
      return room === "gone" ? answer(403, { errcode: "M_FORBIDDEN" }) : answer(200, {});
    }
    if (url.includes("since=")) return;
    answer(200, { next_batch: "one", rooms: { invite: { gone: inviteTo, portal: inviteTo } } });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const credentials = () => ({
  homeserver: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  user: "ana",
  password: "p",
});

test("invitations that waited before the login are accepted, past one that was taken back", async () => {
  await using client = await MatrixClient.login(credentials(), { acceptsInvites: true });
  expect({ user: client.userId, joined }).toEqual({ user: "@ana:here", joined: ["gone", "portal"] });
});

test("and left alone by a client that was not told to", async () => {
  await using client = await MatrixClient.login(credentials());
  expect({ user: client.userId, joined }).toEqual({ user: "@ana:here", joined: [] });
});
