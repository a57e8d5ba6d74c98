#!/usr/bin/env node
import { runProvider } from "../../sdk/run-provider";
import { serviceBusProvider } from "../servicebus";

void runProvider(serviceBusProvider());
