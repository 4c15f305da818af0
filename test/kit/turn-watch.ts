import { createServer } from "node:net";

/*
 * Loaded into a program with `--import file:…/turn-watch.ts?socket=PATH`: whoever connects to that socket is told, in
 * microseconds of the main thread's processor time, the longest turn of its event loop since the last time it was asked
 * and all it has used, and in bytes the most memory it has had. What else the machine does is not in it.
 */
const total = (): number => {
  const { user, system } = process.threadCpuUsage();
  return user + system;
};

let before = total();
let longest = 0;
let peak = 0;

// Timers fire once a turn at most, so the time between two of them is a turn, or several within a millisecond.
function look(): void {
  const now = total();
  longest = Math.max(longest, now - before);
  before = now;
  peak = Math.max(peak, process.memoryUsage.rss());
  setTimeout(look, 1).unref();
}
look();

const server = createServer((socket) => {
  socket.end(JSON.stringify({ longest, used: total(), peak }));
  longest = 0;
  before = total();
});
server.listen(new URL(import.meta.url).searchParams.get("socket") ?? "");
server.unref();
