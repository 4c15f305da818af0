import type { Writable } from "node:stream";
import { styleText } from "node:util";
import { beganAt } from "./began-at.ts";

type Style = Parameters<typeof styleText>[0];

/** Where the demo writes. In JSON mode everything but the one line goes to standard error. */
export interface Screen {
  readonly title: (words: string) => void;
  /** Shows a step of the preparations; the next one replaces the line of a `passing` step. */
  readonly step: (words: string, passing?: boolean) => void;
  /** Shows a message that is sent or has arrived; `side` names whose screen it is. */
  readonly message: (side: string, style: Style, words: string) => void;
  readonly plain: (words: string) => void;
  readonly problem: (words: string) => void;
}

/** The part of a stream that a screen needs. */
type Output = Writable & { readonly isTTY?: boolean };

export function openScreen(stream: Output, began = beganAt()): Screen {
  // A closed output must not end the demo.
  stream.on("error", () => undefined);
  /** The shown line of a passing step. */
  let passing: string | undefined;
  const paint = (style: Style, text: string): string => styleText(style, text, { stream });
  const clock = (): string => `${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s`;
  const dated = (words: string): string => `${paint("dim", clock())}  ${words}`;
  /** Writes a line; where lines cannot be replaced, only the last passing step is written. */
  const line = (text: string): void => {
    const before = passing === undefined ? "" : stream.isTTY === true ? "\n" : `${passing}\n`;
    passing = undefined;
    stream.write(`${before}${text}\n`);
  };
  return {
    title: (words) => line(`\n${paint("bold", words)}`),
    step(words, passes = false) {
      if (!passes) return line(dated(words));
      passing = dated(words);
      if (stream.isTTY === true) stream.write(`\r\u001B[K${passing}`);
    },
    message: (side, style, words) => line(dated(`${paint(style, side.padEnd(24))} ${words}`)),
    plain: (words) => line(words),
    problem: (words) => line(paint("red", words)),
  };
}
