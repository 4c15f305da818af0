// Preloaded by `npm test` and the quick check. Jest gives a worker half a second to end, and says that a test leaks when it
// has not. Taking down the contexts of a few hundred test files takes Node longer; a process that exits leaves them be. One
// that something keeps alive does not come here, and Jest still says so.
if (process.env.JEST_WORKER_ID !== undefined) process.once("beforeExit", () => process.exit());
