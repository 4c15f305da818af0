import { z } from "zod";

/**
 * A client of mautrix bridgev2's provisioning API, version 3, that knows what its documentation promises and nothing of
 * this bridge: the shapes here are those that it may rely on.
 */

const bridgeState = z.object({
  state_event: z.enum([
    "CONNECTING",
    "CONNECTED",
    "TRANSIENT_DISCONNECT",
    "BAD_CREDENTIALS",
    "UNKNOWN_ERROR",
    "LOGGED_OUT",
  ]),
  timestamp: z.number(),
});

const flow = z.object({ name: z.string(), description: z.string(), id: z.string() });

const whoami = z.object({
  network: z.object({
    displayname: z.string().min(1),
    network_url: z.string(),
    network_icon: z.string(),
    network_id: z.string().min(1),
    beeper_bridge_type: z.string().min(1),
  }),
  login_flows: z.array(flow),
  homeserver: z.string(),
  bridge_bot: z.string().startsWith("@"),
  command_prefix: z.string(),
  management_room: z.string().startsWith("!").optional(),
  logins: z.array(z.object({ state: bridgeState, id: z.string(), name: z.string(), profile: z.object({}) })),
});

const input = z.object({
  type: z.enum(
    "username phone_number email password 2fa_code token url domain select captcha_code".split(" "),
  ),
  id: z.string(),
  name: z.string(),
});

const step = z.intersection(
  z.object({ login_id: z.string(), step_id: z.string(), instructions: z.string().optional() }),
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("user_input"), user_input: z.object({ fields: z.array(input) }) }),
    z.object({
      type: z.literal("display_and_wait"),
      display_and_wait: z.discriminatedUnion("type", [
        z.object({ type: z.literal("nothing") }),
        z.object({ type: z.enum(["qr", "code", "emoji"]), data: z.string().min(1) }),
      ]),
    }),
    z.object({ type: z.literal("complete"), complete: z.object({ user_login_id: z.string() }) }),
  ]),
);
type Step = z.output<typeof step>;

const contact = z.object({
  id: z.string(),
  name: z.string().optional(),
  mxid: z.string().startsWith("@").optional(),
  dm_room_mxid: z.string().startsWith("!").optional(),
});

const failure = z.object({ errcode: z.string(), error: z.string() });

/** What somebody does at a step: what they type by its fields' ids; undefined where they only look. */
type Person = (step: Step) => Readonly<Record<string, string>> | undefined;

export class V3Client {
  readonly #base: string;
  readonly #user: string;
  readonly #token: string;

  constructor(base: string, user: string, token: string) {
    this.#base = base;
    this.#user = user;
    this.#token = token;
  }

  whoami() {
    return this.#ask("GET", "/v3/whoami", whoami);
  }

  /** Goes through a flow as it is told, to the id of the login. Throws what is refused, with its errcode. */
  async login(flowId: string, person: Person): Promise<string> {
    let at = await this.#ask("POST", `/v3/login/start/${encodeURIComponent(flowId)}`, step, {});
    while (at.type !== "complete") {
      const path = `/v3/login/step/${at.login_id}/${at.step_id}/${at.type}`;
      at = await this.#ask("POST", path, step, person(at) ?? {});
    }
    return at.complete.user_login_id;
  }

  async logins(): Promise<readonly string[]> {
    const shape = z.object({ login_ids: z.array(z.string()) });
    return (await this.#ask("GET", "/v3/logins", shape)).login_ids;
  }

  async contacts(login: string) {
    const shape = z.object({ contacts: z.array(contact) });
    return (await this.#ask("GET", "/v3/contacts", shape, undefined, login)).contacts;
  }

  resolve(identifier: string, login: string) {
    return this.#ask(
      "GET",
      `/v3/resolve_identifier/${encodeURIComponent(identifier)}`,
      contact,
      undefined,
      login,
    );
  }

  createDm(identifier: string, login: string) {
    const made = contact.required({ mxid: true, dm_room_mxid: true });
    return this.#ask("POST", `/v3/create_dm/${encodeURIComponent(identifier)}`, made, {}, login);
  }

  async logout(login: string): Promise<void> {
    await this.#ask("POST", `/v3/logout/${encodeURIComponent(login)}`, z.object({}), {});
  }

  async #ask<Shape extends z.ZodType>(
    method: "GET" | "POST",
    path: string,
    shape: Shape,
    body?: object,
    login?: string,
  ): Promise<z.output<Shape>> {
    const url = new URL(`${this.#base}/_matrix/provision${path}`);
    url.searchParams.set("user_id", this.#user);
    if (login !== undefined) url.searchParams.set("login_id", login);
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(failure.parse(answer).errcode);
    return shape.parse(answer);
  }
}
