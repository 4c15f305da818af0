import { rmSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { changingProxy } from "../kit/changing-proxy.ts";
import type { DoctoredBridge } from "../kit/doctored-bridge.ts";
import { bad, untried } from "../kit/doctors-findings.ts";
import { before } from "../kit/server-before.ts";

/** What `doctor` tries by doing it; each test breaks one ability of the homeserver, by what is before it. */
export function abilitiesTried(world: () => DoctoredBridge, around: AsyncDisposableStack): void {
  test("finds a homeserver that makes no devices, or takes none", async () => {
    const bridge = world();
    const none = await before(
      around,
      changingProxy(bridge.synapse.url, (asked) => (asked.url.includes("/devices/") ? undefined : asked)),
    );
    bridge.edit("config", bridge.synapse.url, `http://127.0.0.1:${none}`);
    expect((await bridge.examined())["device"]).toEqual(
      bad(bridge.config, 2, "makes no devices for a bridge's users", "Update it"),
    );
    const deaf = await before(
      around,
      changingProxy(bridge.synapse.url, (asked) => ({
        ...asked,
        url: asked.url.replace(/&device_id=[^&]*/, ""),
      })),
    );
    bridge.edit("config", `:${none}`, `:${deaf}`);
    expect((await bridge.examined())["device"]).toEqual(
      bad(bridge.config, 2, "takes no device_id from a bridge", "Update it"),
    );
  });

  test("finds a proxy that takes no large files, and one that passes no media on", async () => {
    const bridge = world();
    const small = await before(
      around,
      changingProxy(bridge.synapse.url, (asked) =>
        Number(asked.headers["content-length"] ?? 0) > 1_048_576 ? 413 : asked,
      ),
    );
    bridge.edit("config", bridge.synapse.url, `http://127.0.0.1:${small}`);
    expect((await bridge.examined())["media"]).toEqual(
      bad(
        bridge.config,
        2,
        /^What is between .* refuses files of 50 MiB, which the homeserver takes \(status 413\)\.$/,
        "client_max_body_size",
      ),
    );
    const without = await before(
      around,
      changingProxy(bridge.synapse.url, (asked) => (asked.url.startsWith("/_matrix/media/") ? 502 : asked)),
    );
    bridge.edit("config", `:${small}`, `:${without}`);
    expect((await bridge.examined())["media"]).toEqual(
      bad(
        bridge.config,
        2,
        /takes no file from the bridge \(status 502, no errcode\)/,
        "/_matrix/media must go to",
      ),
    );
    const oneWay = await before(
      around,
      changingProxy(bridge.synapse.url, (asked) => (asked.url.includes("/media/download/") ? 404 : asked)),
    );
    bridge.edit("config", `:${without}`, `:${oneWay}`);
    expect((await bridge.examined())["media"]).toEqual(
      bad(
        bridge.config,
        2,
        /does not give back a file that it took \(status 404, no errcode\)/,
        "/_matrix/client/v1/media",
      ),
    );
  });

  test("finds a homeserver that encrypts new rooms, and one whose rooms are too old", async () => {
    const bridge = world();
    const making = (body: object) =>
      before(
        around,
        changingProxy(bridge.synapse.url, (asked) =>
          asked.url.includes("/createRoom") ? { ...asked, body } : asked,
        ),
      );
    const encryption = { type: "m.room.encryption", content: { algorithm: "m.megolm.v1.aes-sha2" } };
    const encrypting = await making({ preset: "private_chat", initial_state: [encryption] });
    bridge.edit("config", bridge.synapse.url, `http://127.0.0.1:${encrypting}`);
    expect((await bridge.examined())["rooms"]).toEqual(
      bad(bridge.config, 2, "encrypts every new room", "encryption_enabled_by_default_for_room_type"),
    );
    const old = await making({ preset: "private_chat", room_version: "7" });
    bridge.edit("config", `:${encrypting}`, `:${old}`);
    expect((await bridge.examined())["rooms"]).toEqual(
      bad(bridge.config, 2, "rooms of version 7", "default_room_version"),
    );
  });

  test("finds a second registration that the homeserver does not know, and says what is missing without one", async () => {
    const bridge = world();
    bridge.edit("doublePuppet", /^as_token: .*$/m, "as_token: another");
    expect((await bridge.examined())["puppets"]).toEqual(
      bad(bridge.doublePuppet, null, "does not know the as_token of", "app_service_config_files"),
    );
    bridge.edit("doublePuppet", /^rate_limited: .*$/m, "rate_limited: true");
    expect((await bridge.examined())["puppets"]).toEqual(untried("the second registration is not in order"));
    rmSync(bridge.doublePuppet);
    expect((await bridge.examined())["puppets"]).toEqual([
      {
        status: "note",
        what: expect.stringContaining("people join their chats and clear their lists themselves"),
      },
    ]);
  });
}
