#!/usr/bin/env node
import { runProvider } from "../../sdk/run-provider";
import { counterProvider } from "../counter";

void runProvider(counterProvider);
