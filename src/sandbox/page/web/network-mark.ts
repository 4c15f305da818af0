/** The letter that stands for a network at the corner of a face. */
export const networkMark = { whatsapp: "W", messenger: "M" } as const;
