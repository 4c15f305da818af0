import type { Json } from "../../tools/matrix/api.ts";

/** Events a homeserver accepts from a client although no client should send them. */
export function oddEvents(): readonly { readonly type: string; readonly content: Json }[] {
  const html = (formatted_body: unknown): Json => ({
    msgtype: "m.text",
    body: "plain",
    format: "org.matrix.custom.html",
    formatted_body,
  });
  const message = (content: Json) => ({ type: "m.room.message", content });
  return [
    message({}),
    message({ msgtype: 7, body: ["list"] }),
    message({ msgtype: "m.text", body: null }),
    message({ msgtype: "m.text", body: { __proto__: null, toString: 1 } }),
    message({ msgtype: "m.text", body: "" }),
    message({ msgtype: "m.text", body: "\u0000\u202E\uFEFF\uD83D" }),
    message({ msgtype: "m.unheard.of", body: "what" }),
    message(html(7)),
    message(html("<b>".repeat(5000))),
    message(html(`<a href="javascript:alert(1)">x</a><script>y</script><!-- <b`)),
    message(html("&#x110000;&#0;&bogus;<mx-reply>x")),
    message({ msgtype: "m.text", body: "reply", "m.relates_to": { "m.in_reply_to": { event_id: 7 } } }),
    message({
      msgtype: "m.text",
      body: "reply",
      "m.relates_to": { "m.in_reply_to": { event_id: "$nothing" } },
    }),
    message({
      msgtype: "m.text",
      body: "edit",
      "m.new_content": [],
      "m.relates_to": { rel_type: "m.replace", event_id: {} },
    }),
    message({ msgtype: "m.text", body: "odd mentions", "m.mentions": { user_ids: "@room", room: "yes" } }),
    message({ msgtype: "m.image", body: "x", url: "mxc://../../etc/passwd", info: { size: -1, w: "wide" } }),
    message({ msgtype: "m.file", body: "x", file: { url: 7 } }),
    message({ msgtype: "m.location", body: "x", geo_uri: "geo:north,up" }),
    { type: "m.reaction", content: {} },
    { type: "m.reaction", content: { "m.relates_to": { rel_type: "m.annotation", event_id: "$x", key: 7 } } },
    { type: "m.room.redaction", content: { redacts: "$nothing" } },
    { type: "m.room.encrypted", content: { algorithm: "rot13", ciphertext: "uryyb" } },
    { type: "m.sticker", content: { body: "x" } },
    { type: "m.poll.start", content: {} },
    { type: "org.example.unknown", content: { deep: [[[[[[[[]]]]]]]] } },
  ];
}
