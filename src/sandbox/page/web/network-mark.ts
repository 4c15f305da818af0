/** The letter that stands for a network at the corner of a face. */
export const networkMark = { whatsapp: "W", messenger: "M", signal: "S" } as const;
