/** The only source of time and chance in the core, so that tests can play days in milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. It may jump; use it for stamps, never for waiting. */
  now(): number;
  /** Runs `act` once after `ms`; the returned function cancels it. */
  after(ms: number, act: () => void): () => void;
}

export interface Random {
  /** 128 random bits as a lower-case UUID. */
  uuid(): string;
}
