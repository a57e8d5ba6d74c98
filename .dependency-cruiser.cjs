/** What each room may import, besides itself. The order is that of DESIGN: only rooms further down. */
const ROOMS = {
  lib: [],
  model: ["lib"],
  sandbox: ["lib"],
  config: ["model", "lib"],
  sql: ["model", "lib"],
  databases: ["sql", "model", "lib"],
  stream: ["databases", "sql", "model", "lib"],
  migrations: ["databases", "sql", "model", "lib"],
  pipelines: ["model", "lib"],
  engine: ["stream", "databases", "sql", "model", "lib"],
  providers: ["databases", "sql", "model", "lib"],
  components: ["providers", "databases", "sql", "model", "lib"],
  tasks: ["engine", "stream", "databases", "sql", "model", "lib"],
  cli: [
    "tasks",
    "engine",
    "migrations",
    "pipelines",
    "stream",
    "databases",
    "sql",
    "config",
    "model",
    "lib",
    "sandbox",
  ],
};

/** Packages that belong to some rooms only. */
const PACKAGES = {
  "@pulumi/": ["providers", "components", "engine", "index\\.ts"],
  "@grpc/": ["engine"],
  "pg(-copy-streams)?/": ["databases"],
  "(mssql|tedious)/": ["databases/sqlserver/"],
  "@azure/storage-blob/": ["databases/azure-blob/"],
  // Besides the configuration: Pulumi's own files, our manifest, and the documents that we generate.
  "js-yaml/": [
    "config",
    "engine/builtin/project\\.ts",
    "migrations/(manifest|definitions)-file\\.ts",
    "migrations/schema-docs/table-yaml\\.ts",
    "pipelines/document\\.ts",
  ],
  // Edits YAML and keeps its comments.
  "yaml/": ["config/edit/"],
  "ajv(-formats)?/": ["config"],
  "@cdktf/hcl2json/": ["config/tasks/"],
  "mustache/": ["sql", "pipelines/template\\.ts"],
  "rhea/": ["sandbox/servicebus/"],
  "(commander|cli-table3|picocolors)/": ["cli"],
};

const OURS = `^(${Object.keys(ROOMS).join("|")})/|^index\\.ts$`;
const TEST = "\\.test\\.ts$|^(test|bench|scripts)/";

const rooms = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `${room}-imports-only-its-right`,
  comment: `${room} may import ${["itself", ...allowed].join(", ")}.`,
  severity: "error",
  from: { path: `^${room}/`, pathNot: TEST },
  to: { path: OURS, pathNot: `^(${[room, ...allowed].join("|")})/` },
}));

const packages = Object.entries(PACKAGES).map(([name, allowed]) => ({
  name: `only-some-rooms-import-${name.replace(/\W+/g, "-")}`,
  severity: "error",
  from: { path: OURS, pathNot: [TEST, `^(${allowed.join("|")})`] },
  to: { path: `^node_modules/(@types/)?${name}` },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...rooms,
    ...packages,
    {
      name: "model-is-pure",
      comment: "No packages, no clock, no I/O.",
      severity: "error",
      from: { path: "^model/", pathNot: TEST },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "program-only-wires",
      severity: "error",
      from: { path: "^index\\.ts$" },
      to: { path: "^(cli|engine|stream|sandbox|sql|databases)/" },
    },
    {
      name: "tests-stay-outside",
      comment: "What ships imports no test, bench or script.",
      severity: "error",
      from: { path: OURS, pathNot: TEST },
      to: { path: TEST, pathNot: "^node_modules/" },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "no-missing", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "shipped-code-needs-no-dev-dependency",
      severity: "error",
      from: { path: OURS, pathNot: TEST },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"], pathNot: "^node_modules/@types/" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "^(dist|build|coverage|examples|docs|templates)/" },
    doNotFollow: { path: "^node_modules/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "node", "default", "types"] },
  },
};
