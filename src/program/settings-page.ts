import { isLoopback } from "../config/listen.ts";
import type { UserId } from "../core/model/ids.ts";
import type { SettingsPage } from "../core/ports/settings-page.ts";
import { LINK_MINUTES, type PageSessions } from "../http/provisioning/caller/page-sessions.ts";

/** The settings page at an address of the provisioning listener's. The key is in the fragment, which no server sees. */
export const settingsPageAt = (url: string, sessions: PageSessions): SettingsPage => ({
  linkFor: (user: UserId) => ({
    address: `${url}/settings/#${sessions.link(user)}`,
    minutes: LINK_MINUTES,
    local: isLoopback(new URL(url).hostname),
  }),
});
