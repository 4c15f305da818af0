import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { SignalControl, type SignalPhone } from "../../../tools/signal-mock/client.ts";

const program = fileURLToPath(new URL("../../../tools/signal-mock/run.ts", import.meta.url));

describe("Signal's mock server as a process of its own", () => {
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
  let control: SignalControl;
  let mina: SignalPhone;
  let ana: SignalPhone;

  beforeAll(async () => {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const told = JSON.parse(line.toString()) as { control: string; section: unknown };
    control = new SignalControl(told.control);
    expect(await control.section()).toEqual(told.section);
    mina = await control.person("Mina");
    ana = await control.person("Ana");
  });

  afterAll(async () => {
    child.kill("SIGTERM");
    await once(child, "exit");
  });

  test("people write to each other, and each phone tells that it has what came", async () => {
    const id = await mina.says(ana.aci, "Hello Ana", "M1");
    expect(id).toBe("M1");
    const came = await ana.hears("Hello Ana");
    expect(came).toMatchObject({ kind: "text", chat: mina.aci, from_name: "Mina" });
    await mina.shows("the receipt", ({ kind, target }) => kind === "receipt" && target === "M1");
    await ana.does("reacts", { to: "Mina", target: came.id, emoji: "👍" });
    expect(await mina.shows("a reaction", ({ kind }) => kind === "reaction")).toMatchObject({
      target: "M1",
      emoji: "👍",
    });
    await mina.does("edits", { to: ana.externalId, target: "M1", text: "Hello, Ana" });
    expect(await ana.shows("an edit", ({ kind }) => kind === "edit")).toMatchObject({
      target: came.id,
      text: "Hello, Ana",
    });
  });

  test("a file is there as it was sent", async () => {
    const media = Buffer.from("plain bytes").toString("base64");
    await mina.does("sends", { to: "Ana", as: "file", mimetype: "text/plain", media, name: "a.txt" });
    const { id } = await ana.shows("the file", ({ kind }) => kind === "file");
    expect(Buffer.from(await ana.media(id)).toString()).toBe("plain bytes");
  });

  test("a mistake is refused in words", async () => {
    await expect(mina.does("sings", {})).rejects.toThrow(/400/);
    await expect(mina.says("Nobody", "Hello")).rejects.toThrow(/nobody of this account/);
    await expect(mina.scans("sgnl://linkdevice?uuid=none&pub_key=none")).rejects.toThrow(/not shown/);
    await expect(control.fails({ fault: "bad luck" })).rejects.toThrow(/400/);
  });
});
