import { existsSync } from "node:fs";

/** Whether this runs in a container of docker, podman or Kubernetes, whose loopback nothing outside of it reaches. */
export const isContained = (): boolean =>
  existsSync("/.dockerenv") ||
  existsSync("/run/.containerenv") ||
  process.env["KUBERNETES_SERVICE_HOST"] !== undefined;
