import type { DeviceAddress } from "./signal-records.ts";

/** A device's address as one string, in libsignal's form. */
export const deviceKey = ({ name, device }: DeviceAddress): string => `${name}.${device}`;
