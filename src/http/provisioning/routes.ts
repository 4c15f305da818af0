import type { CommandScope } from "../../core/command-scope.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Operations } from "../../core/ports/operations.ts";
import { operationRoutes } from "./administration/operations.ts";
import { overviewRoutes } from "./administration/overview.ts";
import type { PageSessions } from "./caller/page-sessions.ts";
import { contactSettingRoutes } from "./contact-settings.ts";
import { contactRoutes } from "./contacts.ts";
import { eventRoutes } from "./events.ts";
import { failureRoutes } from "./failures.ts";
import { groupMakingRoutes } from "./groups/create-group.ts";
import { personGroupRoutes } from "./groups/person-groups.ts";
import { loginRoutes } from "./login.ts";
import { logoutRoutes } from "./logout.ts";
import { networkRoutes } from "./networks.ts";
import { encryptionRoutes } from "./person/encryption.ts";
import { personDataRoutes } from "./person/person-data.ts";
import { reportRoutes } from "./reports.ts";
import type { Route } from "./route.ts";
import { sessionRoutes } from "./sessions.ts";
import { settingRoutes } from "./settings.ts";
import { whoamiRoutes } from "./whoami.ts";

/** What the routes use of the bridge. */
export interface ProvisioningScope extends CommandScope {
  readonly clock: Pick<Clock, "now" | "after">;
  readonly sessions: PageSessions;
  readonly operations: Operations;
}

/** All routes there are. */
export function provisioningRoutes(scope: ProvisioningScope): readonly Route[] {
  const routes = routesOf(scope);
  return [
    ...routes,
    ...eventRoutes(
      routes.filter(({ shown }) => shown !== undefined),
      scope,
    ),
  ];
}

const routesOf = (scope: ProvisioningScope): readonly Route[] => [
  ...whoamiRoutes(scope),
  ...sessionRoutes(scope.sessions),
  ...loginRoutes(scope),
  ...logoutRoutes(scope),
  ...contactRoutes(scope),
  ...groupMakingRoutes(scope),
  ...personGroupRoutes(scope),
  ...contactSettingRoutes(scope),
  ...reportRoutes(scope),
  ...networkRoutes(scope),
  ...settingRoutes(scope),
  ...failureRoutes(scope),
  ...encryptionRoutes(scope),
  ...personDataRoutes(scope),
  ...overviewRoutes(scope),
  ...operationRoutes(scope),
];
