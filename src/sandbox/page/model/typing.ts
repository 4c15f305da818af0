import type { Chat } from "./phone.ts";

/** A phone that hears no more of it takes it that nobody types. */
export const typingLastsMs = 25_000;

export const typingNow = ({ typing }: Chat): Chat["typing"] =>
  typing !== undefined && Date.now() - typing.at < typingLastsMs ? typing : undefined;
