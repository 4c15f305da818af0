import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** A proxy that changes what is asked of a homeserver; undefined is answered as a path that is not known. */
export const changingProxy = (homeserver: string, change: (asked: Asked) => Asked | undefined): Server =>
  createServer((incoming, response) => {
    const { method = "GET", url = "/", headers } = incoming;
    const changed = change({ method, url, headers });
    if (changed === undefined) {
      response.writeHead(404).end(JSON.stringify({ errcode: "M_UNRECOGNIZED" }));
      return;
    }
    const on = request(new URL(changed.url, homeserver), changed, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(on);
  });
