import { randomBytes } from "node:crypto";
import { freePorts } from "../process/ports.ts";

interface Ports {
  readonly synapse: number;
  readonly sandbox: number;
  /** The bridge's listener for the homeserver. */
  readonly appservice: number;
  /** The bridge's listener for the networks' servers. */
  readonly partner: number;
  readonly health: number;
  /** The demo's page with both ends of a conversation. */
  readonly page: number;
  /** The bridge's listener for people's browsers. */
  readonly provisioning: number;
  /** The control API of Signal's mock server, and its services. */
  readonly signal: number;
  readonly signalServices: number;
}

/** What a world keeps from one start to the next: every part finds the same ports and secrets again. */
export interface WorldSettings {
  readonly serverName: string;
  readonly ports: Ports;
  readonly registrationSharedSecret: string;
  readonly macaroonSecret: string;
}

export async function newSettings(serverName: string): Promise<WorldSettings> {
  const ports = await freePorts(9);
  const [synapse = 0, sandbox = 0, appservice = 0, partner = 0, health = 0, page = 0] = ports;
  const [provisioning = 0, signal = 0, signalServices = 0] = ports.slice(6);
  return {
    serverName,
    ports: {
      synapse,
      sandbox,
      appservice,
      partner,
      health,
      page,
      provisioning,
      signal,
      signalServices,
    },
    registrationSharedSecret: randomBytes(24).toString("base64url"),
    macaroonSecret: randomBytes(24).toString("base64url"),
  };
}
