import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";

interface Called {
  readonly program: string;
  readonly words: readonly string[];
  readonly cwd: string;
}

interface Answer {
  readonly status: number;
  readonly out: string;
}

const source = (socket: string): string => `#!${process.execPath}
const [, program, ...words] = process.argv;
const body = JSON.stringify({ program: require("node:path").basename(program), words, cwd: process.cwd() });
require("node:http").request({ socketPath: ${JSON.stringify(socket)}, method: "POST" }, (response) => {
  let text = "";
  response.on("data", (more) => { text += more; }).on("end", () => {
    const { status, out } = JSON.parse(text);
    (status === 0 ? process.stdout : process.stderr).write(out);
    process.exitCode = status;
  });
}).end(body);
`;

/** How a program ended that a child process was run for, and what it said. */
function endOf(error: unknown): Answer | undefined {
  const { status, stdout } = error as { readonly status?: unknown; readonly stdout?: unknown };
  return typeof status === "number" && typeof stdout === "string" ? { status, out: stdout } : undefined;
}

/** Programs in a folder for PATH that do what the test does in their place. */
export class StandInPrograms implements AsyncDisposable {
  readonly folder: string;
  readonly #server: Server;

  private constructor(folder: string, server: Server) {
    this.folder = folder;
    this.#server = server;
  }

  static async in(
    folder: string,
    names: readonly string[],
    act: (called: Called) => Promise<Answer>,
  ): Promise<StandInPrograms> {
    mkdirSync(folder);
    const socket = join(folder, "calls");
    const server = createServer((request, response) => {
      void json(request)
        .then((called) => act(called as Called))
        .catch((error: unknown): Answer => endOf(error) ?? { status: 125, out: `${String(error)}\n` })
        .then((answer) => response.end(JSON.stringify(answer)));
    });
    await new Promise<void>((up) => server.listen(socket, up));
    for (const name of names) {
      writeFileSync(join(folder, name), source(socket));
      chmodSync(join(folder, name), 0o755);
    }
    return new StandInPrograms(folder, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
