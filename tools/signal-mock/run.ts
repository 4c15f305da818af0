import { once } from "node:events";
import { parseArgs } from "node:util";
import { loopbackOnly } from "../../src/sandbox/api/loopback-only.ts";
import { createHttpServer } from "../../src/sandbox/http/http-server.ts";
import { pageRoutes } from "../../src/sandbox/page/page-routes.ts";
import { controlRoutes } from "./control/control-routes.ts";
import { PhoneScreens } from "./control/phone-screens.ts";
import { SignalMock } from "./signal-mock.ts";

const usage = `Signal's mock server with phones that are played, on this machine only; nothing is kept after its end.

  node tools/signal-mock/run.ts [--port PORT] [--control PORT] [--framed-by ORIGIN]

Prints one line of JSON {control, port, section} when ready: the address of the control API, the port of Signal's
services, and the section networks.signal of the bridge's configuration.
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    control: { type: "string", default: "0" },
    "framed-by": { type: "string", multiple: true, default: [] },
    help: { type: "boolean", short: "h", default: false },
  },
});

const said = (text: string): void => void process.stderr.write(`${text}\n`);
const note = (message: string, fields?: object): void => said(`${message} ${JSON.stringify(fields ?? {})}`);

async function run(): Promise<void> {
  // What one request raises must not end the server for everybody else.
  process.on("uncaughtException", (cause) => said(String(cause.stack)));
  process.on("unhandledRejection", (cause) => said(String(cause)));
  const stop = new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  await using mock = await SignalMock.start({ port: Number(values.port) });
  const screens = new PhoneScreens(mock);
  const api = loopbackOnly(controlRoutes("/_sandbox/v1", mock, screens));
  const page = loopbackOnly(pageRoutes(values["framed-by"]), true);
  const log = { error: note, warn: note, info: () => undefined, debug: () => undefined };
  const server = createHttpServer([...api, ...page], log);
  server.listen(Number(values.control), "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const control = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  process.stdout.write(`${JSON.stringify({ control, port: mock.port, section: mock.section })}\n`);
  await stop;
  server.close();
  server.closeAllConnections();
}

if (values.help) process.stdout.write(usage);
else await run();
