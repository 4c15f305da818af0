import type { Server } from "@signalapp/mock-server";

/** What of the mock's queues is private: who waits for a value. */
interface Queue {
  readonly resolvers: readonly { resolve(value: undefined): void }[];
}

/** Follows the queues that a mock server makes. The answered function ends all waits in them, whose timers would go on. */
export function followQueues(server: Server): () => void {
  const inside = server as unknown as { createQueue(name: string): Queue };
  const create = inside.createQueue.bind(server);
  const queues: Queue[] = [];
  inside.createQueue = (name) => {
    const queue = create(name);
    queues.push(queue);
    return queue;
  };
  return () => {
    for (const { resolvers } of queues) for (const waiting of resolvers) waiting.resolve(undefined);
  };
}
