import { randomUUID } from "node:crypto";
import { Provider } from "../provider";
import type { Child } from "../processes/child";
import { startDynamicProvider, startPlugin, type ProviderProcess } from "../processes/provider-process";
import { RpcClient } from "../protocol/services";
import type { Properties } from "../protocol/struct";
import type { ResourceState } from "../state/resource-state";
import { makeUrn, packageOf, parseUrn, providerUrn } from "../urn";
import { asSecret } from "../values";
import type { Goal } from "./goal";
import type { Run } from "./run";

const dynamicPackage = "pulumi-nodejs";

/** Provider processes of one run: started when first needed, configured once each. */
export class Providers {
  private readonly byReference = new Map<string, Promise<Provider>>();
  private readonly defaults = new Map<string, string>();
  private readonly children: Child[] = [];
  private readonly clients: RpcClient[] = [];
  private readonly explicit = new Map<string, Properties>();
  private dynamicProcess: ProviderProcess | undefined;

  /** @param olds resources found at the start, by URN */
  constructor(
    private readonly run: Run,
    private readonly engineAddress: string,
    private readonly olds: ReadonlyMap<string, ResourceState>,
  ) {}

  /** Starts the dynamic provider's process ahead of its first use. */
  warm(): void {
    this.dynamicProcess ??= startDynamicProvider(this.processOptions());
    if (!this.children.includes(this.dynamicProcess.child)) this.children.push(this.dynamicProcess.child);
  }

  /** The provider a registered resource is to use, and its reference for the state. */
  async forGoal(goal: Goal, inherited: string): Promise<{ provider: Provider; reference: string }> {
    const reference = goal.provider || inherited || this.defaultReference(packageOf(goal.type), goal.version);
    return { provider: await this.get(reference), reference };
  }

  /** The provider that a resource in the state was made with. */
  get(reference: string): Promise<Provider> {
    let provider = this.byReference.get(reference);
    if (provider === undefined) {
      provider = this.open(reference);
      this.byReference.set(reference, provider);
    }
    return provider;
  }

  /** Remembers the inputs of a provider that the program registered itself. */
  register(urn: string, id: string, inputs: Properties): void {
    this.explicit.set(`${urn}::${id}`, inputs);
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    for (const child of this.children) child.stop();
    await Promise.all(this.children.map((child) => child.exited));
  }

  /** Settles the default provider of a package in the state, once a run. */
  private defaultReference(name: string, version: string): string {
    const key = `${name}@${version}`;
    const known = this.defaults.get(key);
    if (known !== undefined) return known;
    const type = `pulumi:providers:${name}`;
    const resource = version === "" ? "default" : `default_${version.replace(/[.+-]/g, "_")}`;
    const urn = makeUrn(this.run.stack, this.run.project.name, "", type, resource);
    const inputs = this.packageConfig(name);
    if (version !== "") inputs["version"] = version;
    const old = this.olds.get(urn);
    const now = new Date().toISOString();
    const state: ResourceState = {
      urn,
      custom: true,
      id: old?.id ?? randomUUID(),
      type,
      inputs,
      outputs: inputs,
      created: old?.created ?? now,
      modified: old?.modified ?? now,
    };
    this.run.snapshot.settle(state, old);
    const reference = `${urn}::${state.id ?? ""}`;
    this.defaults.set(key, reference);
    this.register(urn, state.id ?? "", inputs);
    return reference;
  }

  private async open(reference: string): Promise<Provider> {
    const urn = providerUrn(reference);
    const name = packageOf(parseUrn(urn).type);
    const process = this.start(name);
    const provider = new Provider(this.connect(await process.address, () => process.obituary()));
    const config = name === dynamicPackage ? this.packageConfig(name) : this.inputsOf(reference);
    await provider.configure(urn, reference.slice(urn.length + 2), config);
    return provider;
  }

  private start(name: string): ProviderProcess {
    if (name === dynamicPackage) {
      this.warm();
      return this.dynamicProcess as ProviderProcess;
    }
    const plugin = startPlugin(name, this.processOptions());
    this.children.push(plugin.child);
    return plugin;
  }

  private connect(address: string, explain: () => Promise<string | undefined>): RpcClient {
    const client = new RpcClient(address, "pulumirpc.ResourceProvider", explain);
    this.clients.push(client);
    return client;
  }

  private inputsOf(reference: string): Properties {
    const inputs = this.explicit.get(reference) ?? this.olds.get(providerUrn(reference))?.inputs ?? {};
    const { version: _version, ...config } = inputs;
    return config;
  }

  /** The stack's configuration for a package: all of it, keys whole, for a dynamic provider. */
  private packageConfig(name: string): Properties {
    const config: Properties = {};
    for (const { key, text, secret } of this.run.config) {
      const namespace = key.slice(0, key.indexOf(":"));
      if (name !== dynamicPackage && namespace !== name) continue;
      const property = name === dynamicPackage ? key : key.slice(namespace.length + 1);
      config[property] = secret ? asSecret(text) : text;
    }
    return config;
  }

  private processOptions() {
    const { project, stack, reporter } = this.run;
    return {
      project,
      stack,
      engineAddress: this.engineAddress,
      onOutput: (line: string) => reporter.note("info", line),
      onError: (line: string) => {
        // The SDK prints every error it also returns, with its stack; the rest is meant for people.
        if (!/^\s+at |^(\w*Error|RpcError)\b.*: |^\s*$/.test(line)) reporter.note("warning", line);
      },
    };
  }
}
