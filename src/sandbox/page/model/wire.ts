/** A stanza on the wire, or a fault that hit one, as the control API tells it. */
export interface WireLine {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly network: string;
  readonly user: string | null;
  readonly direction: "to_bridge" | "from_bridge";
  readonly stanza: string;
  readonly detail: string;
  readonly id: string | null;
  readonly peer: string | null;
  /** Bytes. */
  readonly size: number | null;
  /** The fault that hit it; such a line has no stanza of its own. */
  readonly fault: string | null;
}

/** A fault rule in force. */
export interface FaultInForce {
  readonly id: number;
  readonly fault: string;
  readonly network?: string;
  readonly person?: string;
  readonly user?: string;
  readonly direction?: string;
  readonly stanza?: string;
  readonly after?: number;
  readonly count?: number;
  readonly ms?: number;
  /** How many matched, and how many of these it hit. */
  readonly seen: number;
  readonly used: number;
}
