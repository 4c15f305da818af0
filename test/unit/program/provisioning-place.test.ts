import { describe, expect, test } from "@jest/globals";
import { FreePorts } from "../../../src/program/init/free-ports.ts";
import { provisioningPlace, readProvisioning } from "../../../src/program/init/provisioning-place.ts";
import { freePorts } from "../../../tools/process/ports.ts";

const placed = async (text: string | undefined) =>
  provisioningPlace(text === undefined ? undefined : readProvisioning(text), new FreePorts());

describe("where init puts the settings page", () => {
  test("on a free port for browsers of this machine, and how others get there", async () => {
    const { listen, url, remark } = await placed(undefined);
    expect(listen.host).toBe("127.0.0.1");
    expect(url).toBe(`http://127.0.0.1:${listen.port}`);
    expect(remark).toContain("have your reverse proxy pass an https address on to it");
  });

  test("behind a proxy, by the proxy's address", async () => {
    const { listen, url, remark } = await placed("https://chats.home.test/");
    expect(url).toBe("https://chats.home.test");
    expect(remark).toContain(`pass that address on to http://127.0.0.1:${listen.port}.`);
  });

  test("on every address of the machine, by one that other machines reach, and that this is not encrypted", async () => {
    const [port = 0] = await freePorts(1);
    const { listen, url, remark } = await placed(`0.0.0.0:${port}`);
    expect(listen).toEqual({ host: "0.0.0.0", port });
    expect(url).toMatch(new RegExp(`^http://[\\d.]+:${port}$`));
    expect(url).not.toContain("0.0.0.0");
    expect(remark).toContain("not encrypted");
  });

  test("not where the bridge listens for Synapse", async () => {
    const [port = 0] = await freePorts(1);
    const ports = new FreePorts();
    await ports.take({ host: "127.0.0.1", port });
    await expect(provisioningPlace(readProvisioning(`127.0.0.1:${port}`), ports)).rejects.toMatchObject({
      words: `127.0.0.1:${port} is given twice; give another with --provisioning.`,
    });
  });
});
