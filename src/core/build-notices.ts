import type { BuildParts } from "./bridge-parts.ts";
import { Answers } from "./management/answers.ts";
import { ManagementRooms } from "./management/management-rooms.ts";
import { Notices } from "./management/notices.ts";
import { Questions } from "./management/questions.ts";
import { SerialByKey } from "./runtime/serial-by-key.ts";

/** Builds what tells people things. It comes first, as most of the other rooms need it. */
export function buildNotices(parts: BuildParts) {
  const answers = new Answers(parts.homeserver, parts.encoder, parts.outbox);
  const rooms = new ManagementRooms({ ...parts, answers });
  const serial = new SerialByKey();
  const questions = new Questions(parts.store, answers, () => parts.clock.now());
  const notices = new Notices({ ...parts, answers, questions, rooms, serial });
  return { answers, questions, rooms, serial, notices };
}
