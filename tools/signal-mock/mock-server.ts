import { createRequire } from "node:module";
// Before the mock, which requires it: jest cannot give a module of CommonJS an ES module that is still being loaded.
import "@signalapp/libsignal-client";
import type * as mock from "@signalapp/mock-server";
import type * as compiled from "@signalapp/mock-server/protos/compiled.js";
import type * as ws from "@signalapp/mock-server/src/server/ws/index.js";

const require = createRequire(import.meta.url);

/** The values of Signal's mock server; its types are imported from the package itself. */
export const {
  EMPTY_DATA_MESSAGE,
  EMPTY_GROUP_ACTIONS,
  EnvelopeType,
  loadCertificates,
  Proto: proto,
  Server,
  ServiceIdKind,
  StorageState,
} = require("@signalapp/mock-server") as typeof mock;

/** The services of gRPC that Signal's protobufs describe, and their messages. */
export const { $services: services, org } =
  require("@signalapp/mock-server/protos/compiled.js") as typeof compiled;

/** One connection of a device. */
export const { Connection } = require("@signalapp/mock-server/src/server/ws/index.js") as typeof ws;
