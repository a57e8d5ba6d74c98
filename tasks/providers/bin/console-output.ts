#!/usr/bin/env node
import { runProvider } from "../../sdk/run-provider";
import { consoleProvider } from "../console";

void runProvider(consoleProvider());
