import type { Group } from "../api/answers.ts";
import { path } from "../api/api.ts";

/** A route about one group. */
export const groupPath = ({ id, login_id }: Group, what: string): string =>
  path(["person", "v1", "groups", id, what], { login_id });
