import { join } from "node:path";
import { stringify } from "yaml";

export interface HomeserverOptions {
  /** The folder of database, signing key, media and log configuration. */
  readonly folder: string;
  readonly logFile: string;
  readonly serverName: string;
  readonly port: number;
  /** The address that clients use, when it is not the listener's. */
  readonly publicUrl?: string;
  readonly registrationSharedSecret: string;
  readonly macaroonSecret: string;
  /** Paths of appservice registrations. */
  readonly registrations: readonly string[];
  /** Further keys, which replace the defaults. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

const unlimited = { per_second: 1_000_000, burst_count: 1_000_000 };

const rateLimits = {
  rc_message: unlimited,
  rc_registration: unlimited,
  rc_registration_token_validity: unlimited,
  rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
  rc_admin_redaction: unlimited,
  rc_joins: { local: unlimited, remote: unlimited },
  rc_joins_per_room: unlimited,
  rc_key_requests: unlimited,
  rc_3pid_validation: unlimited,
  rc_invites: { per_room: unlimited, per_user: unlimited, per_issuer: unlimited },
  rc_third_party_invite: unlimited,
  rc_media_create: unlimited,
  rc_presence: { per_user: unlimited },
  rc_delayed_event_mgmt: unlimited,
  rc_room_creation: unlimited,
  rc_reports: unlimited,
  rc_user_directory: unlimited,
  rc_profile: unlimited,
  max_pending_media_uploads: 10_000,
};

/** homeserver.yaml of a Synapse on loopback, with SQLite, without federation and without rate limits. */
export function homeserverYaml(options: HomeserverOptions): string {
  const { folder, port } = options;
  return stringify({
    server_name: options.serverName,
    public_baseurl: options.publicUrl ?? `http://127.0.0.1:${port}/`,
    // Clients look up the homeserver's address here.
    serve_client_wellknown: true,
    report_stats: false,
    listeners: [
      {
        port,
        type: "http",
        bind_addresses: ["127.0.0.1"],
        x_forwarded: false,
        resources: [{ names: ["client", "openid"], compress: false }],
      },
    ],
    database: { name: "sqlite3", args: { database: join(folder, "homeserver.db") } },
    log_config: join(folder, "log.yaml"),
    media_store_path: join(folder, "media"),
    signing_key_path: join(folder, "signing.key"),
    registration_shared_secret: options.registrationSharedSecret,
    macaroon_secret_key: options.macaroonSecret,
    app_service_config_files: options.registrations,
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    federation_domain_whitelist: [],
    url_preview_enabled: false,
    presence: { enabled: false },
    // With the default of 100 a client's first sync would have to page back.
    filter_timeline_limit: 5000,
    caches: { global_factor: 0.5 },
    // No other homeserver.
    send_federation: false,
    gc_min_interval: ["10s", "1m", "5m"],
    // The least: with the default of 12 each password costs a quarter of a second, and these protect nothing.
    bcrypt_rounds: 4,
    ...rateLimits,
    ...options.extra,
  });
}

/** Logging at WARNING, appended to a file: a line for each request costs a test more than it is worth. */
export function logYaml(filename: string): string {
  return stringify({
    version: 1,
    formatters: { line: { format: "%(asctime)s %(levelname)s %(name)s %(message)s" } },
    handlers: { out: { class: "logging.FileHandler", filename, mode: "a", formatter: "line" } },
    root: { level: "WARNING", handlers: ["out"] },
    disable_existing_loggers: false,
  });
}
