import { once } from "node:events";
import type { SignalPhone } from "../signal-mock/client.ts";
import { installSynapse } from "../synapse/install.ts";
import { World } from "../world/world.ts";
import { converse, lines, type Pair } from "./conversation.ts";
import { openFolder } from "./folder.ts";
import { forgetRunning, noteRunning } from "./leftovers.ts";
import { type DemoOptions, parseOptions, usage } from "./options.ts";
import { DemoPage } from "./page/demo-page.ts";
import { logIn, type Prepared, prepareContacts, preparePeople } from "./prepare.ts";
import { openScreen, type Screen } from "./screen.ts";
import { Shown } from "./shown.ts";
import { prepareSignal, signalContact } from "./signal.ts";
import { cast } from "./state.ts";
import { comeAgain, farewell, jsonLine } from "./summary.ts";
import { watchClient, watchPhone } from "./watch.ts";

/** Exit status of a demo that was interrupted before its end. */
const interrupted = 130;
/** Exit status of a demo that was called with unknown options. */
const misused = 2;

/** Runs the demo until `signal` aborts, or with `once` until its end; answers the exit status. */
async function demo(options: DemoOptions, screen: Screen, signal: AbortSignal): Promise<number> {
  const notes: string[] = [];
  using folder = await openFolder(options.data, (line) => notes.push(line));
  await using stack = new AsyncDisposableStack();
  const page = options.once ? undefined : stack.use(await DemoPage.start(folder.state, screen));
  // The first line, so that one can look on while the rest is made ready.
  if (page !== undefined) screen.plain(`Open ${page.url} in a browser: both ends of a conversation.`);
  screen.title("Third-party chats: a demo with a real Synapse and a local gatekeeper");
  for (const note of notes) screen.step(note);
  const say: Screen["step"] = (words, passing) => {
    page?.prepares(words);
    screen.step(words, passing);
  };
  const python = await installSynapse(say, { signal });
  if (folder.isNew) screen.step(`New data in ${folder.path}`);
  const world: World = new World({
    folder: folder.path,
    settings: folder.state.settings,
    python,
    puppets: true,
    provisioning: true,
    signal: { framedBy: [`http://127.0.0.1:${folder.state.settings.ports.page}`] },
    progress: say,
    started: () => noteRunning(folder.path, [world.synapse, world.sandbox, world.signal, world.bridge]),
  });
  stack.defer(() => forgetRunning(folder.path));
  stack.use(world);

  const show = async (): Promise<number> => {
    await world.start();
    await preparePeople(world, folder.state, { ...screen, step: say });
    const sanne = await prepareSignal(world, folder.state, { ...screen, step: say });
    const prepared = await prepareContacts(world, folder.state);
    folder.save(prepared.state);
    page?.ready(world);
    screen.step("All is up");
    if (options.json) process.stdout.write(`${jsonLine(world, prepared.state, page?.url)}\n`);
    const status = options.json && !options.once ? 0 : await talk(world, prepared, sanne, screen, stack);
    if (options.once && !options.json) comeAgain(screen);
    if (options.once) return status;
    if (!options.json) farewell(world, prepared.state, screen);
    await aborted(signal);
    return 0;
  };
  const status = await Promise.race([show(), aborted(signal).then(() => 0)]);
  if (!signal.aborted) return status;
  screen.step("Stopping what the demo started");
  return options.once ? interrupted : 0;
}

/** Runs the conversations and shows later messages until the stack is disposed. */
async function talk(
  world: World,
  { state, phones }: Prepared,
  signal: SignalPhone,
  screen: Screen,
  stack: AsyncDisposableStack,
): Promise<number> {
  const [user] = state.users;
  const client = stack.use(await logIn(world, user, { acceptsInvites: true }));
  const stop = new AbortController();
  stack.defer(() => stop.abort());
  watchClient(client, user.displayName, screen);
  const shown = new Shown();
  const around = { screen, shown, signal: stop.signal };
  void watchPhone(phones.whatsapp, "Wim", "WhatsApp", around);
  void watchPhone(phones.messenger, "Mara", "Messenger", around);
  void watchPhone(signal, "Sanne", "Signal", around);

  screen.title("The conversation, on everybody's screens:");
  const person = user.displayName;
  const together = { client, person, shown };
  const to = client.userId;
  const pairs: readonly (readonly [Pair, Parameters<typeof converse>[1]])[] = [
    [
      { ...together, to, phone: phones.whatsapp, contact: cast.whatsapp.name, network: "WhatsApp" },
      lines.whatsapp,
    ],
    [
      { ...together, to, phone: phones.messenger, contact: cast.messenger.name, network: "Messenger" },
      lines.messenger,
    ],
    [{ ...together, to: person, phone: signal, contact: signalContact, network: "Signal" }, lines.signal],
  ];
  let arrived = 0;
  for (const [pair, script] of pairs) arrived += await converse(pair, script, screen);
  const total = pairs.reduce((sum, [, script]) => sum + script.length, 0);
  screen.title(`${arrived} of ${total} messages arrived.`);
  return arrived === total ? 0 : 1;
}

/** Resolves when the signal aborts. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.kind === "help") {
    process.stdout.write(usage);
    return 0;
  }
  if (options.kind === "misused") {
    process.stderr.write(`${options.words}\n\n${usage}`);
    return misused;
  }
  const interrupt = new AbortController();
  // The same signal may come twice, as npm passes on what the terminal has sent to both.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => interrupt.abort());
  const screen = openScreen(options.json ? process.stderr : process.stdout);
  process.stdout.on("error", () => undefined);
  try {
    return await demo(options, screen, interrupt.signal);
  } catch (error) {
    if (interrupt.signal.aborted) return interrupted;
    screen.problem(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

// Keeps the process running even when every other has died, until the person interrupts it.
setInterval(() => undefined, 1 << 30);
process.exit(await main());
