import type { DeviceAddress } from "./signal-records.ts";

/** An address as one string, as libsignal writes it. */
export const deviceKey = ({ name, device }: DeviceAddress): string => `${name}.${device}`;
