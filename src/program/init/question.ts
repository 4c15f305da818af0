import { createInterface, type Interface } from "node:readline";
import { called } from "../../config/called.ts";
import { BridgeError } from "../../core/model/errors.ts";
import { refused } from "../refused.ts";
import type { Topic } from "./answers.ts";

/** Somebody ended `init` before it had written anything. */
export class Abandoned extends Error {}

export interface Question {
  readonly topic: Topic;
  readonly words: string;
  /** What an empty answer means; undefined where there must be one. */
  readonly usual: string | undefined;
}

/** Asks a person at a terminal, again where an answer cannot be used. What is typed ahead counts for later questions. */
export class Terminal implements Disposable {
  readonly #lines: Interface;
  readonly #output: NodeJS.WritableStream;
  readonly #typed: string[] = [];
  #waiting: PromiseWithResolvers<string> | undefined;
  #ended = false;

  constructor(input: NodeJS.ReadableStream, output: NodeJS.WritableStream) {
    this.#output = output;
    this.#lines = createInterface({ input, output, terminal: true });
    this.#lines.on("line", (line) => {
      if (this.#waiting === undefined) this.#typed.push(line);
      else this.#waiting.resolve(line);
    });
    const end = (): void => {
      this.#ended = true;
      this.#waiting?.reject(new Abandoned());
    };
    // The terminal is raw while lines are read, so Ctrl-C comes here and not as a signal.
    this.#lines.once("SIGINT", end).once("close", end);
  }

  /** Calls `end` when the person gives up while nothing is asked. */
  whenAbandoned(end: () => void): void {
    this.#lines.once("SIGINT", end);
  }

  say(words: string): void {
    this.#output.write(`${words}\n`);
  }

  async ask<Answer>(
    { words, usual }: Question,
    take: (text: string) => Promise<Answer> | Answer,
  ): Promise<Answer> {
    for (;;) {
      const typed = await this.#next(usual === undefined ? `${words}: ` : `${words} [${usual}]: `);
      try {
        return await take(typed.trim() === "" ? (usual ?? "") : typed.trim());
      } catch (error) {
        if (!(error instanceof BridgeError)) throw error;
        this.say(error.words);
      }
    }
  }

  async #next(prompt: string): Promise<string> {
    if (this.#ended) throw new Abandoned();
    this.#lines.setPrompt(prompt);
    this.#lines.prompt();
    const early = this.#typed.shift();
    if (early !== undefined) return early;
    this.#waiting = Promise.withResolvers<string>();
    try {
      return await this.#waiting.promise;
    } finally {
      this.#waiting = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#lines.close();
  }
}

/** The words for questions that nobody is there to be asked. */
export const nobodyToAsk = (topics: readonly Topic[]): BridgeError =>
  refused(`There is no terminal to ask on. Not yet said: ${topics.map((topic) => `--${topic}`).join(", ")}.
Give them, or --yes for the usual answers to all but the homeserver, for instance:
  ${called.bridge} init --yes --homeserver example.org --users @you:example.org`);
