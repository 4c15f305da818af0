import type { DeviceAddress } from "../../../signal-protocol/signal-records.ts";

/** The only device of each person, us included; libsignal counts devices from 1, the wire from 0. */
const DEVICE = 1;

/** The address of a JID without device. */
export const deviceOf = (name: string): DeviceAddress => ({ name, device: DEVICE });
