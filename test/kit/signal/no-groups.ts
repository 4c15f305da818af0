import type { ChatId } from "../../../src/core/model/ids.ts";

/** For a login in no group. */
export const noGroups = { chatOf: async (): Promise<ChatId | undefined> => undefined };
