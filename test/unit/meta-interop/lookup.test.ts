import { describe, expect, test } from "@jest/globals";
import { messenger } from "../../../src/networks/meta-interop/messenger.ts";
import { whatsapp } from "../../../src/networks/meta-interop/whatsapp.ts";
import { child, children, type Node, node } from "../../../src/networks/meta-interop/wire/node.ts";
import { InteropPair, peerJid } from "../../kit/interop-pair.ts";

describe("what people type", () => {
  test.each([
    ["+31612345678", "+31612345678"],
    ["+31 (6) 1234-5678", "+31612345678"],
    ["0031 6.12 34 56 78", "+31612345678"],
    ["31612345678", "+31612345678"],
    ["\u202a+31\u00a0612345678\u202c", "+31612345678"],
  ])("%j is the number %s", (typed, externalId) => {
    expect(whatsapp.query(typed)).toEqual({ kind: "id", externalId });
  });

  test.each(["0612345678", "wim", "+", "", "+31612345678901234", "+31 6 1234 O678"])(
    "%j is no number",
    (typed) => {
      expect(whatsapp.query(typed)).toMatchObject({
        kind: "unclear",
        words: expect.stringContaining("+31612345678"),
      });
    },
  );

  test("a Messenger name may have spaces and an @ before it", () => {
    expect(messenger.query(" @mara.m ")).toEqual({ kind: "id", externalId: "mara.m" });
    expect(messenger.query("Mara de Boer")).toEqual({ kind: "id", externalId: "Mara de Boer" });
    expect(messenger.query("")).toMatchObject({ kind: "unclear" });
    expect(messenger.query("a\nb")).toMatchObject({ kind: "unclear" });
  });
});

describe("looking up", () => {
  const answers =
    (attrs: Record<string, string | undefined>, content: Node[] = []) =>
    (iq: Node) => {
      const users = child(iq, "users");
      const asked = users && children(users, "user")[0]?.attrs["external_id"];
      const user = node("user", { external_id: asked, ...attrs }, content);
      return node("iq", { id: iq.attrs["id"], type: "result" }, [node("users", {}, [user])]);
    };

  test.each([
    [{ reachable: "true" }, "reachable"],
    [{ reachable: "false", reason: "off" }, "off"],
    [{ reachable: "false", reason: "app" }, "app"],
    [{ reachable: "false" }, "unknown"],
  ])("%j is %s", async (attrs, reachability) => {
    await using pair = await InteropPair.start();
    pair.gatekeeper.answers.set("w:interop get", answers({ jid: peerJid, display_name: "Wim", ...attrs }));
    expect(await pair.client.find("+31612345678")).toEqual({
      kind: "found",
      contact: { person: peerJid, chat: peerJid, name: "Wim", reachability },
    });
  });

  test("somebody unknown is not found, an odd answer neither; a throttle says when to come back", async () => {
    await using pair = await InteropPair.start();
    pair.gatekeeper.answers.set("w:interop get", answers({}, [node("error", { code: "404" })]));
    expect(await pair.client.find("+31612345678")).toMatchObject({ kind: "not-found" });
    pair.gatekeeper.answers.set("w:interop get", answers({ jid: "x@elsewhere" }));
    expect(await pair.client.find("+31612345678")).toMatchObject({ kind: "not-found" });
    pair.gatekeeper.answers.set("w:interop get", ({ attrs: { id } }) =>
      node("iq", { id, type: "error" }, [node("error", { code: "429" })]),
    );
    await expect(pair.client.find("+31612345678")).rejects.toMatchObject({ retryAfter: 60_000 });
    expect(await pair.client.find("wim")).toMatchObject({ kind: "not-found" });
  });
});
