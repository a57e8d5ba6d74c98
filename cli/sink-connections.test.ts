import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stack } from "../engine/stack";
import { deployedDatabases } from "./sink-connections";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "cdc-sinks-"));
  writeFileSync(join(directory, "Pulumi.yaml"), "name: sinks\nruntime: nodejs\n");
  const config = "config:\n  cdc:sink: { host: one.example }\n  cdc:sinks:\n    main.b: { host: two.example }\n";
  writeFileSync(join(directory, "Pulumi.dev.yaml"), config);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test("two sinks of one database are read once, databases of one name on two servers both", async () => {
  const resources = ["main.a", "main.b", "main.c"].map((sink) => ({
    urn: `urn:pulumi:dev::sinks::pulumi-nodejs:dynamic/cdc:SinkTable::${sink}`,
    type: "pulumi-nodejs:dynamic/cdc:SinkTable",
    custom: true,
    inputs: { connection: `sink:dev:${sink}`, database: "clinic" },
    outputs: {},
  }));
  const stack = { export: () => Promise.resolve({ version: 3, deployment: { resources } }) } as unknown as Stack;
  const found = await deployedDatabases(stack, "dev", directory, {});
  expect(found.map(({ config: { host, database } }) => `${host}/${database}`).sort()).toEqual([
    "one.example/clinic",
    "two.example/clinic",
  ]);
});
