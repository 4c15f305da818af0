import { z } from "zod";

/** What several routes take or answer. Each name here is a schema of the description. */

const text = (most: number) => z.string().max(most);

export const loginId = text(200).describe("The id of a login, as whoami tells it");

export const empty = z.object({});

export const failure = z
  .object({
    errcode: z.string().describe("As the Matrix specification or mautrix's provisioning API name it"),
    error: z.string().describe("A sentence for the person: what is wrong, and what to do about it"),
    retry_after_ms: z.number().int().min(0).optional(),
  })
  .meta({ id: "Failure" });

export const loginFlow = z
  .object({
    id: z.string().describe("Its network and its own name, such as whatsapp.consent"),
    name: z.string(),
    description: z.string(),
    network_id: z.string().describe("Ours: the network it leads to"),
  })
  .meta({ id: "LoginFlow" });

/** CONNECTING and the others are mautrix's words for the state of a login. */
export const bridgeState = z
  .object({
    state_event: z.enum([
      "CONNECTING",
      "CONNECTED",
      "TRANSIENT_DISCONNECT",
      "BAD_CREDENTIALS",
      "UNKNOWN_ERROR",
      "LOGGED_OUT",
    ]),
    timestamp: z.number().int().describe("Since when, in milliseconds since the epoch"),
    message: z.string().optional().describe("A sentence for the person"),
  })
  .meta({ id: "BridgeState" });
