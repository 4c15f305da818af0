/** A command that the bot has named: whole, or to be completed by who writes it. */
export interface NamedCommand {
  readonly text: string;
  readonly whole: boolean;
}

/**
 * The bot quotes what can be written to it, in small letters; what is to be filled in stands as <such> or …. A key of the
 * configuration, which has dots, is no command.
 */
const quoted = /“([a-z][a-z-]*(?=[”\s])[^“”\n]*)”/g;
const gap = /\s*(?:<|\[|…).*$/;

/** The commands that the bot's words name, each once. @param to what it answers: it quotes that where it does not know it. */
export function commandsIn(said: string, to = ""): readonly NamedCommand[] {
  const found = new Map<string, NamedCommand>();
  for (const [, command = ""] of said.matchAll(quoted)) {
    const whole = !gap.test(command);
    const text = whole ? command : `${command.replace(gap, "")} `;
    found.set(text, { text, whole });
  }
  const repeated = to.trim().toLowerCase();
  return [...found.values()].filter(({ text }) => !repeated.startsWith(text));
}
