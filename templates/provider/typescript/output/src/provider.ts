#!/usr/bin/env node
import { open, type FileHandle } from "node:fs/promises";
import { runProvider, type OutputProvider } from "pulumi-cdc/provider-sdk";
import { configSchema, name, version } from "../provider/provider.json";

interface Config {
  readonly path: string;
}

let file: FileHandle | undefined;

/** Appends changes to a file. Replace what it does with a batch; what resolves is confirmed. */
const output: OutputProvider<Config> = {
  async open({ path }) {
    file = await open(path, "a");
  },
  async write(batch) {
    await file?.appendFile(batch.lines);
    // The lines are confirmed when this resolves: they must be on the disk then.
    await file?.datasync();
  },
  async close() {
    await file?.close();
  },
};

function validate(config: unknown): string | undefined {
  const { path } = config as Partial<Config>;
  return typeof path === "string" && path !== "" ? undefined : "path must name a file";
}

void runProvider<Config>({ name, version, schema: configSchema, validate, output });
