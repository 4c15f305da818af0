import type { DeviceAddress } from "../../../signal-protocol/signal-records.ts";

/** The one device a person, we included, has towards the other; libsignal counts from 1, the wire from 0. */
const DEVICE = 1;

/** `name`: a JID without device. */
export const deviceOf = (name: string): DeviceAddress => ({ name, device: DEVICE });
