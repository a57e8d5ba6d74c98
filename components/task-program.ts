import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { ResourceSpec } from "../model/resource-spec";
import { makeTaskResources } from "./task-resources";

/** The Pulumi program of a task's own stack: what `resources.json` beside its Pulumi.yaml lists. */
const file = join(pulumi.getRootDirectory(), "resources.json");
const specs = JSON.parse(readFileSync(file, "utf8")) as readonly ResourceSpec[];

/** Stack output: how many resources the task has. */
export const resources = makeTaskResources(specs).size;
