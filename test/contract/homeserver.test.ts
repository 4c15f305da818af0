import { FakeHomeserverWorld } from "../kit/fake-homeserver-world.ts";
import { homeserverContract } from "./homeserver-suite.ts";

homeserverContract("ours, on a fake server", () => FakeHomeserverWorld.start());
