import { createRequire } from "node:module";

/** The driver's classes. */
export const { Client, Pool } = loadDriver();

/**
 * While it loads, the driver asks `navigator` what it runs on; where there is none, as in Node 20, it makes a `Response`,
 * for which Node loads all of `fetch`: half of the time that the driver takes to load. So there is one meanwhile.
 */
function loadDriver(): typeof import("pg") {
  const isThere = "navigator" in globalThis;
  if (!isThere) {
    const value = { userAgent: `Node.js/${process.versions.node}` };
    Object.defineProperty(globalThis, "navigator", { value, configurable: true });
  }
  try {
    return createRequire(__filename)("pg") as typeof import("pg");
  } finally {
    if (!isThere) Reflect.deleteProperty(globalThis, "navigator");
  }
}
