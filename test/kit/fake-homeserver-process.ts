import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { FakeHomeserver, type FakeRegistration } from "./fake-homeserver.ts";
import { controlFake, portOf } from "./fake-homeserver-control.ts";

/**
 * A fake homeserver in a process of its own: `--registration FILE --server-name NAME [--port N]`. Prints one line
 * of JSON when it is up, `{url, control, pid}`, and stays until SIGTERM or SIGINT. See fake-homeserver-control.ts
 * for what `control` takes.
 */
const { values } = parseArgs({
  options: {
    registration: { type: "string" },
    "server-name": { type: "string", default: "fake.test" },
    port: { type: "string", default: "0" },
  },
});
const fake = await FakeHomeserver.start({ serverName: values["server-name"], port: Number(values.port) });
fake.recordRequests = false;
const registration =
  values.registration === undefined
    ? undefined
    : (parse(readFileSync(values.registration, "utf8")) as FakeRegistration);
if (registration) fake.use(registration);
const patterns = registration?.namespaces.users.map(({ regex }) => new RegExp(regex)) ?? [];
const control = await controlFake(fake, (user) => patterns.some((pattern) => pattern.test(user)));
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
console.log(
  JSON.stringify({ url: fake.url, control: `http://127.0.0.1:${portOf(control)}`, pid: process.pid }),
);
