import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeEvent } from "../../../src/matrix/events/decode.ts";
import { runs } from "../../kit/random-runs.ts";

const base = { event_id: "$e", room_id: "!r", sender: "@alice:x", origin_server_ts: 5 };
const types = "m.room.message m.sticker m.reaction org.matrix.msc3381.poll.start m.poll.start".split(" ");
const keys = (
  "msgtype body filename url file info geo_uri m.new_content m.relates_to format formatted_body m.poll " +
  "org.matrix.msc1767.audio org.matrix.msc3245.voice org.matrix.msc3488.location"
).split(" ");
const inner = "mimetype size w duration waveform uri rel_type event_id key question msgtype body url".split(
  " ",
);
const words = (
  "m.image m.audio m.video m.file m.text m.location m.replace m.annotation m.thread $t " +
  "mxc://example.org/AbC-_9 geo:1,2 ❤ a\u0000/b org.matrix.custom.html <b>"
).split(" ");

test("whatever stands where a clause expects something, decoding gives an event that can be stored", () => {
  const leaf = fc.oneof(
    fc.constantFrom(...words),
    fc.jsonValue({ maxDepth: 2 }),
    fc.double(),
    fc.constant(null),
  );
  const object = fc.dictionary(fc.constantFrom(...inner), leaf, { maxKeys: 6 });
  const content = fc.dictionary(fc.constantFrom(...keys), fc.oneof(leaf, object, fc.array(leaf)), {
    maxKeys: 9,
  });
  fc.assert(
    fc.property(fc.constantFrom(...types), content, (type, given) => {
      const decoded = decodeEvent({ ...base, type, content: given }, () => false);
      if (decoded.kind !== "event") throw new Error("an event was dropped");
      const { event } = decoded;
      expect(["message", "edit", "reaction", "unsupported"]).toContain(event.kind);
      expect(JSON.parse(JSON.stringify(event))).toEqual(event);
    }),
    { numRuns: runs(3000) },
  );
});
