import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where the demo writes. In JSON mode everything but the one line goes to standard error. */
export interface Screen {
  readonly title: (words: string) => void;
  /** A step of the preparations. */
  readonly step: (words: string) => void;
  /** One message on its way or arrived; `side` names whose screen it is. */
  readonly message: (side: string, style: Style, words: string) => void;
  readonly plain: (words: string) => void;
  readonly problem: (words: string) => void;
}

export function openScreen(stream: NodeJS.WriteStream): Screen {
  // A reader that went away must not end the demo.
  stream.on("error", () => undefined);
  const started = Date.now();
  const paint = (style: Style, text: string): string => styleText(style, text, { stream });
  const line = (text: string): void => void stream.write(`${text}\n`);
  const clock = (): string => `${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s`;
  return {
    title: (words) => line(`\n${paint("bold", words)}`),
    step: (words) => line(`${paint("dim", clock())}  ${words}`),
    message: (side, style, words) =>
      line(`${paint("dim", clock())}  ${paint(style, side.padEnd(24))} ${words}`),
    plain: (words) => line(words),
    problem: (words) => line(paint("red", words)),
  };
}
