import { afterEach, beforeEach, expect } from "@jest/globals";
import { initOnOwnNetwork, onOwnNetwork } from "../kit/own-network.ts";
import { type TemporaryFolder, temporaryFolder } from "../kit/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

onOwnNetwork(
  "a homeserver is found by its well-known file over TLS, and its name by the other one",
  async () => {
    const { status, told } = await initOnOwnNetwork({ folder: folder.path });
    expect(told["error"]).toBeUndefined();
    expect(status).toBe(0);
    expect(told["homeserver"]).toMatchObject({ url: "http://127.0.0.1:8018", server_name: "localhost" });
  },
);

onOwnNetwork("a name whose federation is another server's is refused", async () => {
  expect(await initOnOwnNetwork({ folder: folder.path, name: "other.test" })).toEqual({
    status: 1,
    told: { error: "What localhost leads to is the homeserver other.test, not localhost. Correct the name." },
  });
});

onOwnNetwork("a site whose certificate is not trusted counts as none, and its fault is said", async () => {
  const { status, told } = await initOnOwnNetwork({ folder: folder.path, certificate: "" });
  expect(status).toBe(1);
  expect(told["error"]).toContain(
    "https://localhost/.well-known/matrix/client does not answer (DEPTH_ZERO_SELF_SIGNED_CERT)",
  );
});
