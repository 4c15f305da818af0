import { z } from "zod";
import type { CommandScope } from "../../core/command-scope.ts";
import { STATUS_WORDS, statusChoice } from "../../core/delivery/message-statuses.ts";
import type { UserId } from "../../core/model/ids.ts";
import { notFound } from "./refusal.ts";
import { type Route, route } from "./route.ts";

type Scope = Pick<CommandScope, "settings">;

const setting = z
  .object({
    name: z.string(),
    value: z.string().optional().describe("One of the choices; absent where it is told in words alone"),
    choices: z.array(z.string()).optional().describe("Absent where it is typed"),
    words: z.string().describe("What it is now, a sentence"),
  })
  .meta({ id: "Setting" });

type Setting = z.input<typeof setting>;

/** A setting with choices; what networks ask beside is typed. */
interface Choice {
  readonly choices: readonly string[];
  value(user: UserId): Promise<string>;
  words(value: string): string;
  choose(user: UserId, value: string): Promise<unknown>;
}

/** What a person chooses for all their networks. */
export function settingRoutes({ settings }: Scope): readonly Route[] {
  const choices: ReadonlyMap<string, Choice> = new Map<string, Choice>([
    [
      "inbox",
      {
        choices: ["separate", "combined"],
        value: (user) => settings.inbox(user),
        words: (value) =>
          value === "separate"
            ? "Your chats are kept in the Space “Third-party chats”."
            : "Your chats appear among your direct chats.",
        choose: (user, value) => settings.chooseInbox(user, value === "separate" ? "separate" : "combined"),
      },
    ],
    [
      "receipts",
      {
        choices: ["on", "off"],
        value: async (user) => ((await settings.receipts(user)) ? "on" : "off"),
        words: (value) =>
          value === "on"
            ? "Your contacts see when you have read their messages."
            : "Your contacts do not see when you have read their messages.",
        choose: (user, value) => settings.setReceipts(user, value === "on"),
      },
    ],
    [
      "statuses",
      {
        choices: Object.keys(STATUS_WORDS),
        value: async (user) => settings.statuses(user),
        words: (value) => STATUS_WORDS[statusChoice(value) ?? "auto"],
        choose: (user, value) => settings.setStatuses(user, statusChoice(value) ?? "auto"),
      },
    ],
    [
      "calls",
      {
        choices: ["on", "off"],
        value: async (user) => ((await settings.told("calls", user)) ? "on" : "off"),
        words: (value) =>
          value === "on"
            ? "You are told in the chat when somebody calls you."
            : "You are not told when somebody calls you.",
        choose: (user, value) => settings.setTold("calls", user, value === "on"),
      },
    ],
    [
      "stories",
      {
        choices: ["on", "off"],
        value: async (user) => ((await settings.told("stories", user)) ? "on" : "off"),
        words: (value) =>
          value === "on"
            ? "You are told in the chat when somebody posts a story or status update."
            : "You are not told when somebody posts a story or status update.",
        choose: (user, value) => settings.setTold("stories", user, value === "on"),
      },
    ],
    [
      "requests",
      {
        choices: ["on", "off"],
        value: async (user) => ((await settings.requests(user)) ? "on" : "off"),
        words: (value) =>
          value === "on"
            ? "You are asked about people who write to you for the first time."
            : "Whoever writes to you for the first time is accepted.",
        choose: (user, value) => settings.setRequests(user, value === "on"),
      },
    ],
  ]);
  return [
    route({
      method: "GET",
      path: "/person/v1/settings",
      id: "getSettings",
      shown: "settings",
      summary: "What the person chose, and could choose.",
      tag: "person",
      answer: z.object({ settings: z.array(setting) }),
      async handle({ caller: { user } }) {
        const names = [...choices.keys(), ...settings.asked.keys()];
        return { settings: await Promise.all(names.map((name) => shown(user, name))) };
      },
    }),
    route({
      method: "PUT",
      path: "/person/v1/settings/{setting}",
      id: "setSetting",
      summary: "Chooses.",
      tag: "person",
      params: z.object({ setting: z.string().max(100) }),
      body: z.object({ value: z.string().min(1).max(200) }),
      answer: setting,
      async handle({ caller: { user }, params, body }) {
        const choice = choices.get(params.setting);
        if (choice) {
          if (!choice.choices.includes(body.value))
            throw notFound(`There is no such choice. There is: ${choice.choices.join(", ")}.`);
          await choice.choose(user, body.value);
          return shown(user, params.setting);
        }
        const asked = settings.asked.get(params.setting);
        if (!asked) throw notFound("There is no such setting.");
        const words = await asked.change(user, body.value);
        return { name: params.setting, words };
      },
    }),
  ];

  async function shown(user: UserId, name: string): Promise<Setting> {
    const choice = choices.get(name);
    if (!choice) return { name, words: (await settings.asked.get(name)?.shown(user)) ?? "" };
    const value = await choice.value(user);
    return { name, value, choices: [...choice.choices], words: choice.words(value) };
  }
}
