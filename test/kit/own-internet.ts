/**
 * `init` for the homeserver `localhost` on a network of its own, where ports 443 and 8448 are free: a site with both
 * well-known files, a federation port that says whose it is, and a homeserver that serves clients alone.
 */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import { runProgram } from "./program.ts";
import { selfSigned } from "./self-signed.ts";

const [name = "", ...words] = process.argv.slice(2);

const pages =
  (answers: Readonly<Record<string, unknown>>): RequestListener =>
  ({ url = "" }, response) => {
    const body = answers[url];
    response.statusCode = body === undefined ? 404 : 200;
    response.end(JSON.stringify(body ?? { errcode: "M_UNRECOGNIZED" }));
  };

const servers: readonly (readonly [Server, number])[] = [
  [
    createHttps(
      selfSigned,
      pages({
        "/.well-known/matrix/client": { "m.homeserver": { base_url: "http://127.0.0.1:8018/" } },
        "/.well-known/matrix/server": { "m.server": "localhost:8448" },
      }),
    ),
    443,
  ],
  [createHttps(selfSigned, pages({ "/_matrix/key/v2/server": { server_name: name } })), 8448],
  [createServer(pages({ "/_matrix/client/versions": { versions: ["v1.17"] } })), 8018],
];
for (const [server, port] of servers) await once(server.listen(port, "127.0.0.1"), "listening");
const ended = await runProgram(["init", "--json", "--yes", "--homeserver", "localhost", ...words]);
process.stdout.write(JSON.stringify(ended));
process.exit(0);
