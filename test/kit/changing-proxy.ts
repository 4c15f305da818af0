import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * A proxy that changes what is asked of a homeserver; undefined is answered as a path that is not known, a number as that
 * status with a page. A `body` takes the place of what was sent.
 */
export const changingProxy = (
  homeserver: string,
  change: (asked: Asked) => (Asked & { readonly body?: object }) | number | undefined,
): Server =>
  createServer((incoming, response) => {
    const { method = "GET", url = "/", headers } = incoming;
    const changed = change({ method, url, headers });
    if (typeof changed !== "object") {
      const body = changed === undefined ? JSON.stringify({ errcode: "M_UNRECOGNIZED" }) : "<html>No</html>";
      response.writeHead(changed ?? 404).end(body);
      return;
    }
    const { body, ...asked } = changed;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const length = text === undefined ? {} : { "content-length": String(Buffer.byteLength(text)) };
    const onward = { ...asked, headers: { ...asked.headers, ...length } };
    const on = request(new URL(changed.url, homeserver), onward, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    on.on("error", () => response.destroy());
    if (text === undefined) incoming.pipe(on);
    else on.end(text);
  });
