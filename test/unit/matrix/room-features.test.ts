import { expect, test } from "@jest/globals";
import { roomFeatures } from "../../../src/matrix/events/room-features.ts";
import { ALL } from "../../kit/everything-granted.ts";

test("what a network grants is told to clients", () => {
  const media = {
    image: { bytes: 5_000_000, mimetypes: ["image/jpeg", "image/png"] },
    file: { bytes: 9, mimetypes: [] },
  };
  const { type, content } = roomFeatures({ ...ALL, media }, "direct");
  expect(type).toBe("com.beeper.room_features");
  expect(content).toMatchObject({
    max_text_length: 100,
    edit: 2,
    edit_max_age: 900,
    delete: 2,
    delete_max_age: 3600,
    reaction: 2,
    reaction_count: 1,
    reply: 2,
    location_message: 2,
    read_receipts: true,
    typing_notifications: true,
    block_user: true,
    file: {
      "m.image": {
        mime_types: { "image/jpeg": 2, "image/png": 2 },
        max_size: 5_000_000,
        caption: 2,
        max_caption_length: 50,
      },
      "m.file": { mime_types: { "*/*": 2 }, max_size: 9 },
      "org.matrix.msc3245.voice": { mime_types: { "*/*": -2 } },
      "m.sticker": { mime_types: { "*/*": 1 } },
    },
  });
});

test("what is not granted is refused there too", () => {
  const none = { reactions: false, replies: false, edits: false, deletes: false, location: false };
  const { content } = roomFeatures({ ...ALL, ...none, receipts: false, media: {} }, "direct");
  expect(content).toMatchObject({
    edit: -2,
    delete: -2,
    reaction: -2,
    reply: 1,
    location_message: 1,
    read_receipts: false,
  });
  expect(content).not.toHaveProperty("edit_max_age");
  expect(content).toMatchObject({ file: { "m.sticker": { mime_types: { "*/*": -2 } } } });
});

test("how often a message can be edited is told where there is a limit", () => {
  expect(roomFeatures({ ...ALL, editCount: 10 }, "direct").content).toMatchObject({ edit_max_count: 10 });
  expect(roomFeatures({ ...ALL, editCount: 10, edits: false }, "direct").content).not.toHaveProperty(
    "edit_max_count",
  );
  expect(roomFeatures(ALL, "direct").content).not.toHaveProperty("edit_max_count");
});

test("blocking is offered where the network blocks, and only in a chat of two", () => {
  expect(roomFeatures(ALL, "group").content).not.toHaveProperty("block_user");
  expect(roomFeatures({ ...ALL, blocks: false }, "direct").content).not.toHaveProperty("block_user");
});
