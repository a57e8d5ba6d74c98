import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { loadPipelineModels } from "../../config";
import { pipelineDocuments } from "../../pipelines/generate";

const ROOT = join(__dirname, "../..");
const EXAMPLE = join(ROOT, "examples/db-per-tenant");
const GENERATED = "./examples/db-per-tenant/generated/pipelines/";

interface Runner {
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
}

const { services } = load(readFileSync(join(ROOT, "docker-compose.yml"), "utf8")) as {
  services: Readonly<Record<string, Runner>>;
};
const documents = pipelineDocuments(loadPipelineModels(EXAMPLE, { environment: "dev", env: {} }), EXAMPLE);

/** Variables that a runner has to know: `${NAME}` and `${env:NAME}`, those with a default left out. */
function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\$\{(?:env:)?([A-Z][A-Z0-9_]*)\}/g)].map(([, name = ""]) => name))];
}

/** Documents in the folder that a service mounts when nothing else is said. */
function mounted(service: string) {
  const volume = services[service]?.volumes?.[0] ?? "";
  const folder = /:-([^}]*)\}:\/pipelines:ro$/.exec(volume)?.[1] ?? "";
  expect(folder.startsWith(GENERATED)).toBe(true);
  const files = documents.filter(({ path }) => path.startsWith(`${folder.slice(GENERATED.length)}/`));
  return files.filter(({ path }) => path.endsWith(".yaml"));
}

describe("the containers that run pipelines", () => {
  test.each(["connect", "bento"])("%s knows every variable of the documents that it mounts", (service) => {
    const files = mounted(service);
    expect(files.length).toBeGreaterThan(0);
    const known = Object.keys(services[service]?.environment ?? {});
    const missing = files.flatMap(({ text }) => variablesOf(text)).filter((name) => !known.includes(name));
    expect(missing).toEqual([]);
  });

  test("they ask neither server for a certificate that it doesn't have", () => {
    for (const service of ["connect", "bento"]) {
      const told = services[service]?.environment ?? {};
      expect(told["PG_DEV_SSLMODE"]).toBe("disable");
      expect(told["MSSQL_DEV_OPTIONS"]).toContain("TrustServerCertificate=true");
    }
    const optional = documents.flatMap(({ text }) => [...text.matchAll(/\$\{([A-Z_]+_(?:SSLMODE|OPTIONS)):/g)]);
    expect(new Set(optional.map(([, name]) => name))).toEqual(new Set(["PG_DEV_SSLMODE", "MSSQL_DEV_OPTIONS"]));
  });

  test("debezium knows every variable of the connectors that are posted to it", () => {
    const connectors = documents.filter(({ path }) => path.endsWith(".debezium.json"));
    expect(connectors).toHaveLength(3);
    const known = Object.keys(services["debezium"]?.environment ?? {});
    const missing = connectors.flatMap(({ text }) => variablesOf(text)).filter((name) => !known.includes(name));
    expect(missing).toEqual([]);
  });

  test("connect is given both halves, and bento nothing but what it can run", () => {
    const inputs = (service: string) =>
      mounted(service).map(({ text }) => Object.keys((load(text) as { input: object }).input)[0]);
    expect(new Set(inputs("connect"))).toEqual(new Set(["microsoft_sql_server_cdc", "kafka_franz"]));
    expect(new Set(inputs("bento"))).toEqual(new Set(["kafka_franz"]));
  });
});
