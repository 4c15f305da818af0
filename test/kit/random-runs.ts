const share = Number(process.env["RANDOM_SHARE"] ?? 1);

/** How many random cases a property is tried with: all of them, or the share that the quick check asks for. */
export const runs = (all: number): number => Math.ceil(all * share);
