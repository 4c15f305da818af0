// Preloaded by `npm test` and the quick check. Jest compiles every module anew for every test file, which is a fifth of the time;
// with this, V8 takes up again what it compiled for an earlier file of the same worker.
import vm from "node:vm";

const functions = new Map();
const { compileFunction, SourceTextModule } = vm;

vm.compileFunction = (code, params, options = {}) => {
  const known = functions.get(options.filename);
  if (known?.code === code) return compileFunction(code, params, { ...options, cachedData: known.data });
  const made = compileFunction(code, params, { ...options, produceCachedData: true });
  functions.set(options.filename, { code, data: made.cachedData });
  return made;
};

const modules = new Map();

vm.SourceTextModule = class extends SourceTextModule {
  constructor(code, options = {}) {
    const known = modules.get(options.identifier);
    const isKnown = known?.code === code;
    super(code, isKnown ? { ...options, cachedData: known.data } : options);
    if (!isKnown) modules.set(options.identifier, { code, data: this.createCachedData() });
  }
};
