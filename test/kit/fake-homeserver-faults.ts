/** What can be made to go wrong with a request; each order counts down and is gone. */
export type RequestFault =
  /** Carried out, and the connection is cut before a byte of the answer. */
  | { readonly kind: "lose-answer" }
  /** Carried out, and the connection is cut in the middle of the answer. */
  | { readonly kind: "cut-answer" }
  /** Carried out, and answered after `ms`. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Not carried out; JSON with an errcode, or a proxy's HTML page where there is none. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly errcode?: string;
      readonly retryAfterMs?: number;
    }
  /** For `createRoom`: as after a crash between alias and state. */
  | { readonly kind: "crash-creation" };

export interface FaultOrder {
  readonly fault: RequestFault;
  readonly method?: string;
  /** Found anywhere in the path. */
  readonly path?: string;
  /** How many requests; all, where left out. */
  readonly count?: number;
}

export class Faults {
  #orders: { order: FaultOrder; left: number }[] = [];

  order(order: FaultOrder): void {
    this.#orders.push({ order, left: order.count ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#orders = [];
  }

  /** The fault ordered for this request, used up. */
  take(method: string, path: string): RequestFault | undefined {
    if (this.#orders.length === 0) return undefined;
    const found = this.#orders.find(
      ({ order }) =>
        (order.method === undefined || order.method === method) &&
        (order.path === undefined || path.includes(order.path)),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#orders = this.#orders.filter((one) => one !== found);
    return found.order.fault;
  }
}
