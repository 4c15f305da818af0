import { expect, test } from "@jest/globals";
import type { CommandContext, CommandRequest } from "../../../src/commands/command.ts";
import { disable } from "../../../src/commands/login/disable.ts";
import type { EventId, LoginId, RoomId, UserId } from "../../../src/core/model/ids.ts";
import type { Network } from "../../../src/core/ports/network.ts";
import type { Login } from "../../../src/core/ports/rows.ts";

const ANA = "@ana:test" as UserId;
const quill = { id: "quill", name: "Quill" } as Network;
const linked = (id: string): Login =>
  ({ id: id as LoginId, user: ANA, network: quill.id, state: "active", visibleId: id }) as Login;
const request: CommandRequest = {
  user: ANA,
  room: "!dm:test" as RoomId,
  event: "$e" as EventId,
  words: ["quill"],
  rest: "quill",
};

const agreed: CommandRequest = { ...request, words: ["quill", "yes"], rest: "quill yes" };

/** Ana, whose conversation about a login comes to `made` at the moment it is ended. */
function context(logins: readonly Login[], made: readonly Login[]) {
  let there = logins;
  const disabled: LoginId[] = [];
  return {
    disabled,
    context: {
      networks: new Map([[quill.id, quill]]),
      processes: { of: () => ({ of: { network: quill } }) },
      dialogues: {
        cancel: async () => {
          there = made;
          return [];
        },
      },
      logins: {
        of: async () => there,
        disable: async ({ id }: Login) => {
          disabled.push(id);
          return "done";
        },
      },
    } as unknown as CommandContext,
  };
}

test("a login that is made at the moment its network is turned off is turned off", async () => {
  const it = context([], [linked("+31611")]);
  expect(await disable.run(request, it.context)).toEqual([expect.stringMatching(/^Quill is off/)]);
  expect(it.disabled).toEqual(["+31611"]);
});

test("one that took another's place at that moment is turned off, not what is no more", async () => {
  const it = context([linked("+31611")], [linked("+31622")]);
  await disable.run(agreed, it.context);
  expect(it.disabled).toEqual(["+31622"]);
});

test("where there are two by then, it is asked which is meant", async () => {
  const it = context([linked("+31611")], [linked("+31611"), linked("+31622")]);
  expect(await disable.run(agreed, it.context)).toEqual([expect.stringContaining("“disable quill/+31622”")]);
  expect(it.disabled).toEqual([]);
});
