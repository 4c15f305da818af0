import type { UserId } from "../model/ids.ts";

/** A way into the settings page. */
interface PageLink {
  readonly address: string;
  /** Minutes for which it opens the page, once. */
  readonly minutes: number;
  /** Whether only a browser on the bridge's own machine reaches the address. */
  readonly local: boolean;
}

/** The page on which people see and change what this bridge does for them. */
export interface SettingsPage {
  /** A new link for a person, which ends their earlier one; undefined where nothing serves the page. */
  linkFor(user: UserId): PageLink | undefined;
}
