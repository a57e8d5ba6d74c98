/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return,
   @typescript-eslint/no-unsafe-argument -- the insides of the SDK have no types */

/**
 * A change to the SDK in the process of a child, before its script runs: what nobody sees costs less, what it does stays
 * the same. It runs there as source text, so it may use nothing of this module. An SDK that is made otherwise than
 * expected stays as it is.
 */
type Tuning = (load: NodeJS.Require, root: string) => void;

/** The statement that applies a tuning to the SDK whose script is about to run. */
export function prelude(tuning: Tuning): string {
  return `try{(${tuning.toString()})(require,require('node:path').join(script,'../../..'))}catch{}`;
}

/**
 * Loads the serializer of functions when it is first called: with its TypeScript and npm libraries it takes 65 MB and
 * 0.2 s of every process, and hardly a program uses it.
 */
export const deferSerializer: Tuning = (load, root) => {
  for (const path of ["/runtime/closure/serializeClosure.js", "/runtime/closure/codePaths.js"]) {
    const file: string = load.resolve(root + path);
    const source: string = load("node:fs").readFileSync(file, "utf8");
    const names = [...source.matchAll(/^exports\.(\w+) = \1;$/gm)].map(([, name = ""]) => name);
    if (names.length === 0 || !names.every((name) => source.includes(`function ${name}(`))) continue;
    let real: any;
    const use = (): any => {
      if (real === undefined) Reflect.deleteProperty(load.cache, file);
      return (real ??= load(file));
    };
    // Importers copy the functions while they load: each is a function of its own.
    const deferred = names.map((name) => [name, (...args: unknown[]) => use()[name](...args)]);
    const exports = Object.assign(Object.fromEntries(deferred), { __esModule: true });
    load.cache[file] = { id: file, filename: file, loaded: true, exports, children: [], paths: [] } as any;
  }
};

/** Loads the Automation API and the base of providers when a program looks into them. */
export const deferNamespaces: Tuning = (load, root) => {
  for (const path of ["/automation/index.js", "/provider/index.js"]) {
    const file: string = load.resolve(root + path);
    let real: any;
    const use = (): any => {
      if (real === undefined) Reflect.deleteProperty(load.cache, file);
      return (real ??= load(file));
    };
    const exports = new Proxy(
      {},
      {
        get: (_target, key) => (key === "__esModule" ? true : use()[key]),
        has: (_target, key) => key in use(),
        ownKeys: () => Reflect.ownKeys(use()),
        getOwnPropertyDescriptor: (_target, key) => {
          const descriptor = Object.getOwnPropertyDescriptor(use(), key);
          return descriptor && { ...descriptor, configurable: true };
        },
      },
    );
    load.cache[file] = { id: file, filename: file, loaded: true, exports, children: [], paths: [] } as any;
  }
};

/** Drops debug messages: each is a call to the engine, three a resource, one after another, and we show none. */
export const dropDebugMessages: Tuning = (load, root) => {
  const log = load(`${root}/log/index.js`);
  if (typeof log.debug !== "function") return;
  log.debug = () => Promise.resolve();
  // The text of every answer went into one of them.
  const { RegisterResourceResponse } = load(`${root}/proto/resource_pb.js`);
  RegisterResourceResponse.prototype.toString = () => "RegisterResourceResponse";
};

/** Doesn't tell that a component has no outputs: our engine takes it so when the program ends, and a call each is saved. */
export const dropEmptyOutputs: Tuning = (load, root) => {
  const sdk = load(`${root}/runtime/resource.js`);
  const register = sdk.registerResourceOutputs;
  if (typeof register !== "function") return;
  sdk.registerResourceOutputs = (resource: unknown, outputs: any) => {
    const isEmpty = Object.getPrototypeOf(outputs) === Object.prototype && Object.keys(outputs).length === 0;
    if (!isEmpty) register(resource, outputs);
  };
};

/**
 * Detects leaked promises without a stack for each, and watches those of a resource but not those of its properties,
 * which settle with it: two thirds of the time of a large program went there.
 */
export const watchFewerPromises: Tuning = (load, root) => {
  const sdk = load(`${root}/runtime/debuggable.js`);
  const watch = sdk.debuggablePromise;
  if (typeof watch !== "function") return;
  sdk.debuggablePromise = (promise: unknown, context: unknown) => {
    if (typeof context === "string" && /^transfer[A-Z]/.test(context)) return promise;
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return watch(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
};

/**
 * Makes the output behind an input when somebody looks at it: each is a dozen promises, 6 KB, and most are never
 * looked at.
 */
export const makeOutputsWhenUsed: Tuning = (load, root) => {
  const rpc = load(`${root}/runtime/rpc.js`);
  const { Output } = load(`${root}/output.js`);
  const transfer = rpc.transferProperties;
  if (typeof transfer !== "function" || typeof Output !== "function") return;
  const hidden = Symbol("output");
  const use = (state: any): any => {
    if (state.real !== undefined) return state.real;
    const { onto, label, name, prop } = state;
    const place = Object.getOwnPropertyDescriptor(onto, name);
    Reflect.deleteProperty(onto, name);
    state.resolve = transfer(onto, label, { [name]: prop })[name];
    state.real = onto[name];
    if (place) Object.defineProperty(onto, name, place);
    if (state.settled !== undefined) state.resolve(...state.settled);
    return state.real;
  };
  const handler: ProxyHandler<any> = {
    get: (target, key) => (key === "__pulumiOutput" ? true : use(target[hidden])[key]),
    has: (target, key) => key in use(target[hidden]),
    ownKeys: (target) => Reflect.ownKeys(use(target[hidden])),
    getOwnPropertyDescriptor: (target, key) => {
      const descriptor = Object.getOwnPropertyDescriptor(use(target[hidden]), key);
      return descriptor && { ...descriptor, configurable: true };
    },
  };
  rpc.transferProperties = (onto: any, label: string, props: Record<string, unknown>) => {
    const resolvers: Record<string, (...settled: unknown[]) => void> = {};
    for (const name of Object.keys(props)) {
      if (name === "id" || name === "urn") continue;
      // Already there: the SDK says so best itself.
      if (Object.hasOwn(onto, name)) return transfer(onto, label, { [name]: props[name] });
      const state: any = { onto, label, name, prop: props[name] };
      onto[name] = new Proxy(Object.assign(Object.create(Output.prototype), { [hidden]: state }), handler);
      resolvers[name] = (...settled) => {
        state.settled = settled;
        state.resolve?.(...settled);
      };
    }
    return resolvers;
  };
};

/**
 * Says what went wrong by the error's own stack. The SDK asks `util.inspect` for it in colours, which never returns on
 * Node 20.20 when a frame is in a file such as `node_modules/@pulumi/output.ts`: there its source maps point.
 */
export const describeErrorsPlainly: Tuning = (load, root) => {
  const errors = load(`${root}/cmd/run/error.js`);
  if (typeof errors.defaultErrorMessage !== "function") return;
  errors.defaultErrorMessage = (error: any) => {
    // An error that the user can mend is passed on whole: code, message and hint, without a stack.
    if (/^CDC_/.test(error?.code))
      return JSON.stringify({ code: error.code, message: error.message, hint: error.hint });
    return String(error?.stack ?? error?.message ?? error);
  };
};

/**
 * Looks for the position of a resource in the program at one frame, and maps that once to its source: the SDK writes out
 * and maps the whole stack of each resource, a fifth of the time of a program, and we keep the first frame of it.
 */
export const mapFewerFrames: Tuning = (load, root) => {
  const { Resource } = load(`${root}/resource.js`);
  if (typeof Resource?.callsites !== "function" || !(Resource.framePositionRegExp instanceof RegExp)) return;
  // Those of the SDK and of the resource's own class come first.
  const kept = 5;
  const known = new Map<string, object>();
  const position = (frame: any, write: any): object => {
    const text = write === undefined ? `    at ${String(frame)}` : String(write(new Error(), [frame]));
    const { file, line, column } = Resource.framePositionRegExp.exec(text.split("\n").at(-1))?.groups ?? {};
    if (!file || !line || !column || file.startsWith("node:")) return {};
    return { file, line: Number(line), column: Number(column) };
  };
  Resource.callsites = () => {
    const { stackTraceLimit } = Error;
    const write: any = Reflect.get(Error, "prepareStackTrace");
    Error.stackTraceLimit = kept + 1;
    Error.prepareStackTrace = (_error, frames) => frames;
    const frames = new Error().stack as any;
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = write;
    const frame = frames[kept];
    if (frame === undefined) return [];
    const place = `${frame.getFileName()}:${frame.getLineNumber()}:${frame.getColumnNumber()}`;
    let found = known.get(place);
    if (found === undefined) known.set(place, (found = position(frame, write)));
    return [...Array.from({ length: kept }, () => ({})), found];
  };
};
