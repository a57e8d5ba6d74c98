import { CdcError } from "../../../lib/errors";
import { decodeMessage, encodeMessage } from "../protocol/codec";
import * as messages from "../protocol/messages";
import { RpcError, rpcStatus, type Handler, type Handlers } from "../protocol/services";
import { decodeStruct, encodeStruct, type Properties, type Value } from "../protocol/struct";
import { readGoal, unsupported } from "./goal";
import type { Registrar } from "./registrar";
import { Stopped, type Run } from "./run";
import type { Registered, Steps } from "./steps";

const nothing = Buffer.alloc(0);
/** What the SDK may use; what is refused by name later is announced, so that the refusal can say how to go on. */
const features = new Set([
  "secrets",
  "resourceReferences",
  "aliasSpecs",
  "deletedWith",
  "replaceWith",
  "transforms",
  "invokeTransforms",
  "parameterization",
  "resourceHooks",
  "errorHooks",
]);
const failedResult = 1;
const severities = ["info", "info", "warning", "error"] as const;

/** The services that the program talks to. */
export class Monitor {
  private rootUrn = "";
  private hasLoggedError = false;

  constructor(
    private readonly run: Run,
    private readonly getRegistrar: () => Registrar,
    private readonly steps: () => Steps,
  ) {}

  /** True once the program has logged an error: it must not be taken for finished. */
  get loggedError(): boolean {
    return this.hasLoggedError;
  }

  services(): Readonly<Record<string, Handlers>> {
    return {
      "pulumirpc.ResourceMonitor": {
        SupportsFeature: (request) => this.supports(request),
        RegisterResource: (request) => this.register(request),
        RegisterResourceOutputs: (request) => this.registerOutputs(request),
        SignalAndWaitForShutdown: () => nothing,
        Invoke: (request) => this.invoke(request),
        ReadResource: this.refuse(
          messages.readResourceRequest,
          ({ name, type }) => `reading ${name ?? ""} (${type ?? ""})`,
        ),
        Call: this.refuse(messages.invokeRequest, ({ token }) => `calling ${token ?? ""}`),
        RegisterPackage: this.refuse(messages.namedRequest, ({ name }) => `the parameterized package ${name ?? ""}`),
        RegisterStackTransform: this.refuse({}, () => "a stack transform"),
        RegisterStackInvokeTransform: this.refuse({}, () => "an invoke transform"),
        RegisterResourceHook: this.refuse(messages.namedRequest, ({ name }) => `the resource hook ${name ?? ""}`),
        RegisterErrorHook: this.refuse(messages.namedRequest, ({ name }) => `the error hook ${name ?? ""}`),
      },
      "pulumirpc.Engine": {
        Log: (request) => this.log(request),
        GetRootResource: () => encodeMessage(messages.rootResource, { urn: this.rootUrn }),
        SetRootResource: (request) => {
          this.rootUrn = decodeMessage<{ urn: string }>(messages.rootResource, request).urn ?? "";
          return nothing;
        },
        RequirePulumiVersion: () => nothing,
      },
    };
  }

  private supports(request: Buffer): Buffer {
    const { id = "" } = decodeMessage<{ id: string }>(messages.supportsFeatureRequest, request);
    return encodeMessage(messages.supportsFeatureResponse, { hasSupport: features.has(id) });
  }

  private async register(request: Buffer): Promise<Buffer> {
    let urn: string | undefined;
    try {
      this.run.checkGoing();
      const entered = this.getRegistrar().enter(readGoal(request, this.run.project.directory));
      urn = entered.urn;
      const registered = await this.run.limited(() => this.steps().settle(entered.urn, entered.goal));
      return answer(registered, entered.goal.custom, this.run.preview);
    } catch (error) {
      this.run.fail(error, urn);
      // A preview goes on to find more: what came of this resource stays unknown.
      if (this.run.preview && urn !== undefined && !(error instanceof Stopped)) {
        return encodeMessage(messages.registerResourceResponse, {
          urn,
          object: encodeStruct({}),
          result: failedResult,
        });
      }
      throw new RpcError(rpcStatus.UNAVAILABLE, "the run is stopping");
    }
  }

  private registerOutputs(request: Buffer): Buffer {
    const { urn = "", outputs } = decodeMessage<{ urn: string; outputs: Buffer }>(
      messages.registerOutputsRequest,
      request,
    );
    const state = this.getRegistrar().state(urn);
    if (state === undefined) return nothing;
    const decoded = decodeStruct(outputs);
    if (urn === this.rootUrn) this.run.outputs = decoded;
    try {
      this.getRegistrar().settleOutputs(state, decoded);
    } catch (error) {
      this.run.fail(error);
    }
    return nothing;
  }

  private invoke(request: Buffer): Buffer {
    const { token = "", args } = decodeMessage<{ token: string; args: Buffer }>(messages.invokeRequest, request);
    if (token !== "pulumi:pulumi:getResource") throw this.refusal(`the function ${token}`);
    const state = this.getRegistrar().state(textOf(decodeStruct(args)["urn"]));
    if (state === undefined) throw new RpcError(rpcStatus.NOT_FOUND, "unknown resource");
    const result: Properties = { urn: state.urn, id: state.id ?? "", state: state.outputs };
    return encodeMessage(messages.invokeResponse, { result: encodeStruct(result) });
  }

  private log(request: Buffer): Buffer {
    const {
      severity = 0,
      message = "",
      urn,
    } = decodeMessage<{ severity: number; message: string; urn: string }>(messages.logRequest, request);
    if (severity === 0 || this.run.stopping) return nothing;
    const told = severities[severity] ?? "info";
    if (told === "error") {
      this.hasLoggedError = true;
      this.run.fail(programError(message.trimEnd()));
    } else this.run.reporter.note(told, message.trimEnd(), urn);
    return nothing;
  }

  private refuse(
    schema: Parameters<typeof decodeMessage>[0],
    describe: (request: Record<string, string | undefined>) => string,
  ): Handler {
    return (request) => {
      throw this.refusal(describe(decodeMessage<Record<string, string>>(schema, request)));
    };
  }

  private refusal(what: string): RpcError {
    const error = unsupported(`the program uses ${what}`);
    this.run.fail(error);
    return new RpcError(rpcStatus.UNIMPLEMENTED, `${error.message}. ${error.hint ?? ""}`);
  }
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}

/** What a program logged before it ended: an error of ours comes as JSON, see `describeErrorsPlainly`. */
function programError(message: string): CdcError {
  const [, text = ""] =
    /^Running program '.*' failed with an unhandled exception:\n(\{"code":"CDC_.*\})$/s.exec(message) ?? [];
  if (text === "") return new CdcError("CDC_PROGRAM_FAILED", message);
  const { code, message: said, hint } = JSON.parse(text) as { code: string; message: string; hint?: string };
  return new CdcError(code, said, hint === undefined ? {} : { hint });
}

/** Outputs of components are theirs to register: none are sent back. */
function answer({ state, unknown = false }: Registered, custom: boolean, preview: boolean): Buffer {
  const object = encodeStruct(custom && !unknown ? state.outputs : {});
  const known = { urn: state.urn, id: state.id ?? "", object, unknown };
  return encodeMessage(messages.registerResourceResponse, unknown && !preview ? { ...known, result: 2 } : known);
}
