import { decodeMessage, encodeMessage } from "./protocol/codec";
import * as messages from "./protocol/messages";
import { RpcError, type RpcClient } from "./protocol/services";
import { decodeStruct, encodeStruct, type Properties } from "./protocol/struct";
import { containsSecret, keepSecrets, plain } from "./values";
import { parseUrn } from "./urn";

/** What a provider says about a change. */
export interface Difference {
  /** Undefined when the provider cannot tell. */
  readonly changes?: boolean;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** The result of a create, an update or a read. */
export interface Outcome {
  readonly id: string;
  readonly outputs: Properties;
  /** Only from a read, when the provider knows better than the state. */
  readonly inputs?: Properties;
  /** Why the resource, though it exists, is not ready. */
  readonly initErrors?: readonly string[];
}

/** A resource as a provider is told of it. */
export interface Subject {
  readonly urn: string;
  readonly id?: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** One configured provider. Calls throw the provider's own error. */
export class Provider {
  private acceptsSecrets = false;
  private acceptsReferences = false;
  private previews = false;

  constructor(private readonly client: RpcClient) {}

  /** Passes the configuration; must be called first. */
  async configure(urn: string, id: string, config: Properties): Promise<void> {
    const { type, name } = parseUrn(urn);
    const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
    const variables = Object.entries(plain(config)).map(([key, value]) => [
      `${type.slice("pulumi:providers:".length)}:config:${key}`,
      text(value),
    ]);
    const response = await this.client.call(
      "Configure",
      encodeMessage(messages.configureRequest, {
        variables: Object.fromEntries(variables) as Record<string, string>,
        args: encodeStruct(config),
        acceptSecrets: true,
        acceptResources: true,
        sendsOldInputs: true,
        sendsOldInputsToDelete: true,
        id,
        urn,
        name,
        type,
      }),
    );
    const accepted = decodeMessage<{ acceptSecrets: boolean; acceptResources: boolean; supportsPreview: boolean }>(
      messages.configureResponse,
      response,
    );
    this.acceptsSecrets = accepted.acceptSecrets ?? false;
    this.acceptsReferences = accepted.acceptResources ?? false;
    this.previews = accepted.supportsPreview ?? false;
  }

  /** Validates inputs and fills in defaults. */
  async check(
    urn: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: readonly { property: string; reason: string }[] }> {
    const request = { ...names(urn), urn, olds: this.encode(olds), news: this.encode(news) };
    const response = decodeMessage<{ inputs: Buffer; failures: { property?: string; reason?: string }[] }>(
      messages.checkResponse,
      await this.client.call("Check", encodeMessage(messages.checkRequest, request)),
    );
    const inputs = response.inputs === undefined ? {} : this.decode(response.inputs, news);
    const failures = (response.failures ?? []).map(({ property = "", reason = "" }) => ({ property, reason }));
    return { inputs, failures };
  }

  /** Compares what is there with what is wanted. */
  async diff(old: Subject, news: Properties, ignoreChanges: readonly string[] = []): Promise<Difference> {
    const request = {
      ...names(old.urn),
      urn: old.urn,
      id: old.id,
      olds: this.encode(old.outputs),
      oldInputs: this.encode(old.inputs),
      news: this.encode(news),
      ignoreChanges,
    };
    const response = decodeMessage<{ replaces: string[]; deleteBeforeReplace: boolean; changes: number }>(
      messages.diffResponse,
      await this.client.call("Diff", encodeMessage(messages.diffRequest, request)),
    );
    const { changes = 0, replaces = [], deleteBeforeReplace = false } = response;
    return { ...(changes === 0 ? {} : { changes: changes === 2 }), replaces, deleteBeforeReplace };
  }

  /** Makes the resource; in a preview only says what it would become, as far as that is known. */
  async create(urn: string, inputs: Properties, timeout: number, preview: boolean): Promise<Outcome> {
    if (preview && !this.previews) return { id: "", outputs: inputs };
    const request = { ...names(urn), urn, properties: this.encode(inputs), timeout, preview };
    return this.outcome("Create", encodeMessage(messages.createRequest, request), inputs);
  }

  async update(old: Subject, news: Properties, timeout: number, preview: boolean): Promise<Outcome> {
    const id = old.id ?? "";
    if (preview && !this.previews) return { id, outputs: news };
    const request = {
      ...names(old.urn),
      urn: old.urn,
      id,
      olds: this.encode(old.outputs),
      oldInputs: this.encode(old.inputs),
      news: this.encode(news),
      timeout,
      preview,
    };
    const outcome = await this.outcome("Update", encodeMessage(messages.updateRequest, request), news);
    return { ...outcome, id };
  }

  /** Reads what is really there; an empty id means that nothing is. */
  async read(subject: Subject): Promise<Outcome> {
    const request = {
      ...names(subject.urn),
      urn: subject.urn,
      id: subject.id,
      properties: this.encode(subject.outputs),
      inputs: this.encode(subject.inputs),
    };
    return this.outcome("Read", encodeMessage(messages.readRequest, request), subject.outputs, subject.inputs);
  }

  async delete(subject: Subject, timeout: number): Promise<void> {
    const request = {
      ...names(subject.urn),
      urn: subject.urn,
      id: subject.id,
      properties: this.encode(subject.outputs),
      oldInputs: this.encode(subject.inputs),
      timeout,
    };
    await this.client.call("Delete", encodeMessage(messages.deleteRequest, request));
  }

  private async outcome(method: string, request: Buffer, given: Properties, inputs?: Properties): Promise<Outcome> {
    const schema = method === "Update" ? messages.updateResponse : messages.readResponse;
    try {
      const response = decodeMessage<{ id: string; properties: Buffer; inputs: Buffer }>(
        schema,
        await this.client.call(method, request),
      );
      return {
        id: response.id ?? "",
        outputs: this.decode(response.properties, given),
        ...(response.inputs === undefined ? {} : { inputs: this.decode(response.inputs, inputs ?? {}) }),
      };
    } catch (error) {
      const partial = error instanceof RpcError ? initFailure(error) : undefined;
      if (partial === undefined) throw error;
      return { id: partial.id, outputs: this.decode(partial.properties, given), initErrors: partial.reasons };
    }
  }

  private encode(properties: Properties): Buffer {
    return encodeStruct(this.acceptsSecrets && this.acceptsReferences ? properties : plain(properties));
  }

  /** Decodes an answer; what was secret in `given` stays secret. */
  private decode(answer: Buffer | undefined, given: Properties): Properties {
    const properties = decodeStruct(answer);
    if (!this.acceptsSecrets && containsSecret(given)) keepSecrets(properties, given);
    return properties;
  }
}

function names(urn: string): { name: string; type: string } {
  const { name, type } = parseUrn(urn);
  return { name, type };
}

/** A resource that exists but is not ready is told in the details of the error. */
function initFailure(error: RpcError): { id: string; properties: Buffer | undefined; reasons: string[] } | undefined {
  if (error.details === undefined) return undefined;
  const status = decodeMessage<{ details: { typeUrl?: string; value?: Buffer }[] }>(messages.status, error.details);
  const detail = status.details?.find(({ typeUrl }) => typeUrl?.endsWith("pulumirpc.ErrorResourceInitFailed"));
  if (detail?.value === undefined) return undefined;
  const failed = decodeMessage<{ id: string; properties: Buffer; reasons: string[] }>(
    messages.initFailed,
    detail.value,
  );
  return { id: failed.id ?? "", properties: failed.properties, reasons: failed.reasons ?? [] };
}
