#!/usr/bin/env node
import { runProvider } from "../../sdk/run-provider";
import { sqlServerProvider } from "../sqlserver";

void runProvider(sqlServerProvider());
