import type { GroupChange } from "../../model/groups.ts";

/** What stays as it was where a change is not made, a sentence. */
export function undoneWords(change: GroupChange): string {
  switch (change.kind) {
    case "name":
      return "The group keeps its name.";
    case "topic":
      return "What the group is about stays as it was.";
    case "avatar":
      return "The group keeps its picture.";
    case "add":
      return `${change.name} was not added.`;
    case "remove":
      return `${change.name} stays in the group.`;
    case "role":
      return `${change.name} keeps their role.`;
    case "permission":
      return "Who may do what in the group stays as it was.";
    case "timer":
      return "The timer of disappearing messages stays as it was.";
    case "leave":
      return "You are still in the group.";
  }
}
