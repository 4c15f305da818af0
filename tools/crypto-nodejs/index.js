"use strict";
exports.StoreType = Object.freeze({ Sled: 0, Sqlite: 1 });
exports.OlmMachine = class OlmMachine {
  constructor() {
    throw new Error("This bridge is built without end-to-bridge encryption");
  }
};
