/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/dist/", "<rootDir>/build/"],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/build/", "<rootDir>/templates/"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022", transform: { useDefineForClassFields: true } },
        module: { type: "commonjs" },
        sourceMaps: "inline",
      },
    ],
  },
  globalSetup: "<rootDir>/test/harness/global-setup.ts",
  globalTeardown: "<rootDir>/test/harness/global-teardown.ts",
  reporters: process.env.CDC_TEST_COUNTS ? ["default", "<rootDir>/test/harness/count-reporter.js"] : ["default"],
  testSequencer: "<rootDir>/test/harness/longest-first.js",
  // As many as the processors of the machines that run it: tests start many processes of their own.
  maxWorkers: 2,
  // Asking jest's sandbox for a global takes long: modules get these once, which halves the time of hot code. No more of
  // them, as some packages declare constants of such names.
  sandboxInjectedGlobals: ["Array", "JSON", "Math", "Object"],
  testTimeout: 180_000,
};
