import { extname } from "node:path";

const isCompiled = extname(import.meta.filename) === ".js";

/** How whoever runs this program calls it: an installed package has programs, a source checkout npm's scripts. */
export const called = isCompiled
  ? { bridge: "third-party-chats", start: "third-party-chats start", sandbox: "third-party-chats-sandbox" }
  : { bridge: "npm run bridge --", start: "npm start --", sandbox: "npm run sandbox --" };
