import { MatrixFailure, matrixApi } from "../../matrix/api.ts";
import type { DemoUser } from "../state.ts";
import type { DemoLogin } from "./model/demo-state.ts";

const device = "DEMOPAGE";

/** Logs the demo's people in, each once, so that several tabs of the page share a device. */
export class DemoSessions {
  readonly #homeserver: string;
  readonly #open = new Map<string, Promise<DemoLogin>>();

  constructor(homeserver: string) {
    this.#homeserver = homeserver;
  }

  /** The person's session; a new one where the homeserver has ended the last. */
  async of(user: DemoUser): Promise<DemoLogin> {
    const known = await this.#open.get(user.localpart)?.catch(() => undefined);
    if (known !== undefined && (await this.#isLive(known))) return known;
    const session = this.#logIn(user);
    this.#open.set(user.localpart, session);
    return session;
  }

  async #isLive({ accessToken }: DemoLogin): Promise<boolean> {
    try {
      await this.#api(accessToken)("GET", "v3/account/whoami");
      return true;
    } catch (error) {
      if (error instanceof MatrixFailure && error.status === 401) return false;
      throw error;
    }
  }

  async #logIn({ localpart, password }: DemoUser): Promise<DemoLogin> {
    const answer = await this.#api(undefined)("POST", "v3/login", {
      type: "m.login.password",
      identifier: { type: "m.id.user", user: localpart },
      password,
      device_id: device,
      initial_device_display_name: "The page of the demo",
    });
    return {
      userId: String(answer["user_id"]),
      accessToken: String(answer["access_token"]),
      deviceId: String(answer["device_id"]),
    };
  }

  #api(token: string | undefined) {
    return matrixApi(this.#homeserver, token, AbortSignal.timeout(30_000));
  }
}
