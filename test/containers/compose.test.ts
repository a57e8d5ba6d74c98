import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { load } from "js-yaml";
import { BUILT_IN_PROVIDERS } from "../../model/built-in-providers";

const ROOT = join(__dirname, "../..");

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

function text(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** A compose file with its merge keys put in, as Compose does. */
function compose(file: string): Compose {
  return load(text(file)) as Compose;
}

const { services, volumes } = compose("docker-compose.yml");
const named = Object.entries(services);

describe("docker-compose.yml", () => {
  test("has both ends, the broker, and what runs pipelines", () => {
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining([
        "sqlserver",
        "postgres",
        "redpanda",
        "connect",
        "bento",
        "debezium",
        "servicebus",
        "cdc",
      ]),
    );
    const always = named.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
    expect(always).toEqual(["sqlserver", "postgres", "redpanda"]);
  });

  test("runs SQL Server with its Agent, and PostgreSQL with pg_cron in the sink's database", () => {
    expect(services["sqlserver"]?.image).toMatch(/:2022-CU\d+-/);
    expect(services["sqlserver"]?.environment?.["MSSQL_AGENT_ENABLED"]).toBe("true");
    const { command, environment } = services["postgres"] as Service & { command: string[] };
    expect(command).toEqual(expect.arrayContaining(["shared_preload_libraries=pg_cron"]));
    expect(command).toContain(`cron.database_name=${environment?.["POSTGRES_DB"] ?? ""}`);
    expect(text("docker/postgres/Dockerfile")).toMatch(/^FROM postgres:18\.\d+-bookworm$/m);
    expect(text("docker/postgres/Dockerfile")).toContain("postgresql-18-cron");
  });

  test.each(named)("pins the image of %s by a tag that does not move, or builds it", (_name, { image, build }) => {
    if (image === undefined) return expect(existsSync(join(ROOT, build ?? "", "Dockerfile"))).toBe(true);
    expect(image).toMatch(/:[^:/]*\d+\.\d+|:2022-CU\d+-ubuntu-22\.04$/);
    expect(image).not.toMatch(/latest/);
  });

  test.each(named)("publishes the ports of %s on the loopback address only", (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:\d+$/);
  });

  test("publishes no port twice", () => {
    const published = named.flatMap(([, { ports = [] }]) => ports.map((port) => /:-(\d+)\}/.exec(port)?.[1]));
    expect(new Set(published).size).toBe(published.length);
  });

  test.each(named)("asks %s whether it is healthy, or says why not", (name, { healthcheck }) => {
    if (healthcheck?.disable === true) return expect(["cdc", "servicebus"]).toContain(name);
    expect(healthcheck?.test?.[0]).toBe("CMD-SHELL");
    expect(healthcheck).toMatchObject({ interval: "5s", retries: 30 });
  });

  test.each(named)("has no secret of %s in clear", (_name, { environment = {} }) => {
    for (const [key, value] of Object.entries(environment)) {
      if (/PASSWORD|PASSPHRASE|LICENSE|SECRET|ACCEPT_EULA/.test(key))
        expect(value).toMatch(/^\$\{[A-Z_]+:[?-][^}]*\}$/);
    }
    const given = Object.entries(environment).filter(([key]) => /PASSWORD/.test(key));
    for (const [, value] of given) expect(value).toContain(":?");
  });

  test("waits for services that there are, until they are healthy where they can tell", () => {
    for (const [, { depends_on: needs = {} }] of named) {
      for (const [need, { condition }] of Object.entries(needs)) {
        const told = services[need]?.healthcheck?.disable !== true;
        expect([need, condition]).toEqual([need, told ? "service_healthy" : "service_started"]);
      }
    }
  });

  test("mounts volumes that it declares, and files that are there", () => {
    for (const volume of named.flatMap(([, service]) => service.volumes ?? [])) {
      const source = volume.startsWith("${") ? (/:-([^}]*)\}/.exec(volume)?.[1] ?? "") : (volume.split(":")[0] ?? "");
      const generated = source.includes("/generated/");
      if (!source.startsWith(".")) expect(Object.keys(volumes)).toContain(source);
      else expect([source, generated || existsSync(resolve(ROOT, source))]).toEqual([source, true]);
    }
  });

  test("takes every variable without a default from .env.example, where none has a value", () => {
    const files = text("docker-compose.yml") + text(".devcontainer/docker-compose.yml");
    const needed = [...files.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name);
    const lines = text(".env.example").split("\n");
    const offered = lines.filter((line) => /^[A-Z_]+=/.test(line));
    expect(offered.map((line) => line.split("=")[0])).toEqual(expect.arrayContaining([...new Set(needed)]));
    expect(offered.filter((line) => !line.endsWith("="))).toEqual([]);
    expect(text(".gitignore").split("\n")).toContain(".env");
    expect(text(".dockerignore").split("\n")).toContain(".env");
  });
});

describe("the other files for containers", () => {
  /** The lines of a stage of the Dockerfile. */
  const stage = (name: string): string[] => {
    const lines = text("Dockerfile").split("\n");
    const from = lines.indexOf(`FROM node:20-slim AS ${name}`);
    const next = lines.findIndex((line, at) => at > from && line.startsWith("FROM "));
    return from === -1 ? [] : lines.slice(from, next === -1 ? undefined : next);
  };

  test("the image of the CLI is the last stage, runs as no root, and passes signals on", () => {
    const stages = text("Dockerfile").match(/^FROM .*$/gm);
    expect(stages).toEqual(["build", "provider", "cdc"].map((name) => `FROM node:20-slim AS ${name}`));
    expect(stage("cdc")).toContain("USER node");
    expect(stage("cdc")).toContain('ENTRYPOINT ["tini", "--", "cdc"]');
    const ignored = text(".dockerignore").split("\n");
    for (const needed of ["cli", "templates", "config", "examples", "package-lock.json"])
      expect(ignored).not.toContain(needed);
  });

  test("the image of a provider is that provider, as no root", () => {
    const lines = stage("provider");
    expect(lines).toContain("ARG PROVIDER");
    expect(lines).toContain("USER node");
    expect(lines).toContain('ENTRYPOINT ["provider"]');
    // What it does with the name, done here.
    const { bin } = JSON.parse(text("package.json")) as { bin: Record<string, string> };
    for (const { executable } of BUILT_IN_PROVIDERS) expect(existsSync(join(ROOT, bin[executable]!))).toBe(true);
  });

  test("the dev container opens a service beside those it runs", () => {
    const container = JSON.parse(text(".devcontainer/devcontainer.json")) as Record<string, unknown>;
    const own = compose(".devcontainer/docker-compose.yml");
    expect(Object.keys(own.services)).toContain(container["service"]);
    for (const name of container["runServices"] as string[]) expect(Object.keys(services)).toContain(name);
    for (const file of container["dockerComposeFile"] as string[])
      expect(existsSync(join(ROOT, ".devcontainer", file))).toBe(true);
  });

  test("the emulator's queues fit what it allows", () => {
    const { UserConfig } = JSON.parse(text("docker/servicebus/config.json")) as {
      UserConfig: {
        Namespaces: { Name: string; Queues: { Name: string; Properties: { MaxDeliveryCount: number } }[] }[];
      };
    };
    expect(UserConfig.Namespaces.map(({ Name }) => Name)).toEqual(["sbemulatorns"]);
    for (const { Name, Properties } of UserConfig.Namespaces.flatMap(({ Queues }) => Queues)) {
      expect(Name).toMatch(/^[A-Za-z0-9][\w./-]*[A-Za-z0-9]$/);
      expect(Properties.MaxDeliveryCount).toBeLessThanOrEqual(10);
    }
  });
});
