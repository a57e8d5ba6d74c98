#!/usr/bin/env node
import { runProvider } from "../../sdk/run-provider";
import { postgresProvider } from "../postgres";

void runProvider(postgresProvider());
