/**
 * `NAME TAKEN WORDS…`: `init` for the homeserver `localhost` on a network of its own, where nobody else takes a port: a
 * site with both well-known files, a federation port that says it is of NAME, and a homeserver that serves clients alone.
 * TAKEN are ports of others, as in `29340,29341`.
 */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import { runProgram } from "./program.ts";
import { selfSigned } from "./self-signed.ts";

const [name = "", taken = "", ...words] = process.argv.slice(2);

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
for (const port of taken.split(",").filter(Boolean))
  await once(createServer().listen(Number(port), "127.0.0.1"), "listening");
const ended = await runProgram(["init", "--json", "--yes", "--homeserver", "localhost", ...words]);
process.stdout.write(JSON.stringify(ended));
process.exit(0);
