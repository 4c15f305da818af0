import { z } from "zod";
import {
  type Integrator,
  type IntegratorStatus,
  integratorStatus,
  type NetworkName,
  networkNames,
} from "../config.ts";
import type { Db } from "./database.ts";

const mediaLimit = z.strictObject({ size: z.int().positive(), mimetypes: z.array(z.string()) });
const mediaKinds = ["image", "voice", "video", "gif", "file"] as const;

export const featureFlags = z.strictObject({
  reactions: z.boolean(),
  replies: z.boolean(),
  typing: z.boolean(),
  receipts: z.boolean(),
  edits: z.boolean(),
  deletes: z.boolean(),
  groups: z.boolean(),
  location: z.boolean(),
  contacts: z.boolean(),
});
type Features = z.infer<typeof featureFlags>;

/** Text and caption in characters, windows in seconds, media sizes in bytes. */
export const limitValues = z.strictObject({
  text: z.int().positive(),
  caption: z.int().positive(),
  edit_window: z.int().nonnegative(),
  delete_window: z.int().nonnegative(),
  /** Members of a group. */
  group_size: z.int().min(2),
  media: z.partialRecord(z.enum(mediaKinds), mediaLimit),
});
type Limits = z.infer<typeof limitValues>;

export interface NetworkState {
  readonly features: Features;
  readonly limits: Limits;
  readonly ended: boolean;
  /** Status by integrator id, where it differs from the configuration. */
  readonly integrators: Readonly<Record<string, IntegratorStatus>>;
}

const GROUP_SIZE = 1024;
const MiB = 1 << 20;
const images = ["image/jpeg", "image/png"];
const initialState: NetworkState = {
  features: {
    reactions: true,
    replies: true,
    typing: true,
    receipts: true,
    edits: true,
    deletes: true,
    groups: false,
    location: true,
    contacts: true,
  },
  limits: {
    text: 65_536,
    caption: 1024,
    edit_window: 900,
    delete_window: 172_800,
    group_size: GROUP_SIZE,
    media: {
      image: { size: 16 * MiB, mimetypes: images },
      voice: { size: 16 * MiB, mimetypes: ["audio/ogg", "audio/mp4", "audio/mpeg", "audio/aac"] },
      video: { size: 64 * MiB, mimetypes: ["video/mp4", "video/3gpp"] },
      gif: { size: 16 * MiB, mimetypes: ["video/mp4"] },
      file: { size: 100 * MiB, mimetypes: ["*/*"] },
    },
  },
  ended: false,
  integrators: {},
};

const stored = z.object({
  features: featureFlags,
  // A file of an earlier version has no groups.
  limits: limitValues.extend({ group_size: limitValues.shape.group_size.default(GROUP_SIZE) }),
  ended: z.boolean(),
  integrators: z.record(z.string(), integratorStatus),
});

/** What each network grants now, stored and held in memory. */
export class NetworkStates {
  readonly #db: Db;
  readonly #integrators: readonly Integrator[];
  readonly #states = new Map<NetworkName, NetworkState>();

  constructor(db: Db, integrators: readonly Integrator[]) {
    this.#db = db;
    this.#integrators = integrators;
    for (const name of networkNames) {
      const row = db
        .prepare<[string], { state: string }>("SELECT state FROM network WHERE name = ?")
        .get(name);
      this.#states.set(name, row === undefined ? initialState : stored.parse(JSON.parse(row.state)));
    }
  }

  of(network: NetworkName): NetworkState {
    return this.#states.get(network) ?? initialState;
  }

  /** Writes the state; call inside a commit, and `publish` after it. */
  write(network: NetworkName, state: NetworkState): void {
    this.#db
      .prepare("INSERT OR REPLACE INTO network (name, state) VALUES (?, ?)")
      .run(network, JSON.stringify(state));
  }

  publish(network: NetworkName, state: NetworkState): void {
    this.#states.set(network, state);
  }

  /** The integrators with the status they have on this network. */
  integrators(network: NetworkName): readonly Integrator[] {
    const changed = this.of(network).integrators;
    return this.#integrators.map((one) => ({ ...one, status: changed[String(one.id)] ?? one.status }));
  }

  integrator(network: NetworkName, id: number): Integrator | undefined {
    return this.integrators(network).find((one) => one.id === id);
  }
}
