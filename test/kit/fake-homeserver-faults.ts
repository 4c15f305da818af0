/** A fault of a request. */
export type RequestFault =
  /** The request is carried out; the connection is cut before the answer. */
  | { readonly kind: "lose-answer" }
  /** The request is carried out; the connection is cut within the answer. */
  | { readonly kind: "cut-answer" }
  /** The request is carried out and answered after `ms`. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The request is refused, by JSON with an errcode, or without one by a proxy's HTML page. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly errcode?: string;
      readonly retryAfterMs?: number;
    }
  /** `createRoom` crashes between alias and state. */
  | { readonly kind: "crash-creation" };

export interface RequestFaultRule {
  readonly fault: RequestFault;
  readonly method?: string;
  /** A part of the path. */
  readonly path?: string;
  /** The number of requests to hit; all if left out. */
  readonly count?: number;
}

export class Faults {
  #orders: { order: RequestFaultRule; left: number }[] = [];

  order(order: RequestFaultRule): void {
    this.#orders.push({ order, left: order.count ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#orders = [];
  }

  /** The fault for this request, counted as used. */
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
