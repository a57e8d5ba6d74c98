import { parseConnectionString } from "./connection-string";
import { toServiceBusFailure } from "./errors";
import { serviceBusConfig, serviceBusVariables } from "./settings";

const KEY = "s3cret+key/==";
const connectionString = `Endpoint=sb://shop.example/;SharedAccessKeyName=cdc;SharedAccessKey=${KEY}`;
const UNREACHABLE = "ManagedIdentityCredential: Network unreachable. Message: network_error";
const failureOf = (error: object) => toServiceBusFailure(error, { connectionString }, "queue Orders");

describe("failures", () => {
  test.each([
    [{ code: "ServiceBusy" }, "throttled", "CDC_SERVICEBUS_BUSY"],
    [{ code: "QuotaExceeded" }, "throttled", "CDC_SERVICEBUS_FULL"],
    [{ code: "ServiceTimeout" }, "transient", "CDC_SERVICEBUS_TIMEOUT"],
    [{ code: "MessagingEntityDisabled" }, "transient", "CDC_SERVICEBUS_DISABLED"],
    [{ code: "ECONNREFUSED" }, "transient", "CDC_SERVICEBUS_UNREACHABLE"],
    [{ code: "GeneralError", syscall: "connect", retryable: false }, "transient", "CDC_SERVICEBUS_UNREACHABLE"],
    [{ code: "GeneralError", retryable: true }, "transient", "CDC_SERVICEBUS_UNAVAILABLE"],
    [{ code: "GeneralError", retryable: false }, "permanent", "CDC_SERVICEBUS_ERROR"],
    [{ message: "Unknown error encountered." }, "transient", "CDC_SERVICEBUS_UNAVAILABLE"],
    [{ code: "MessagingEntityNotFound" }, "not-found", "CDC_SERVICEBUS_NO_QUEUE"],
    [{ code: "MessageSizeExceeded" }, "too-large", "CDC_SERVICEBUS_TOO_LARGE"],
    [{ code: "UnauthorizedAccess", retryable: true }, "auth", "CDC_SERVICEBUS_ACCESS"],
    [{ name: "CredentialUnavailableError" }, "identity", "CDC_SERVICEBUS_IDENTITY"],
    [
      { name: "AggregateAuthenticationError", errors: [{ message: "none" }, { message: UNREACHABLE }] },
      "transient",
      "CDC_SERVICEBUS_IDENTITY_UNREACHABLE",
    ],
    [{ statusCode: 403 }, "auth", "CDC_SERVICEBUS_ACCESS"],
    [{ statusCode: 502 }, "transient", "CDC_SERVICEBUS_UNAVAILABLE"],
    [
      { message: "", errors: [{ message: "x" }, { message: "y", code: "ServiceBusy" }] },
      "throttled",
      "CDC_SERVICEBUS_BUSY",
    ],
  ])("%j is %s, %s", (raw, kind, code) => {
    expect(failureOf({ message: "said", ...raw })).toMatchObject({ kind, code });
  });

  test("say what the managed identity said, of all that was tried", () => {
    const errors = [
      { message: "EnvironmentCredential is unavailable" },
      { message: "ManagedIdentityCredential: x\ny" },
    ];
    const { message } = failureOf({ name: "AggregateAuthenticationError", message: "failed", errors });
    expect(message).toMatch(/: no identity was found: ManagedIdentityCredential: x$/);
  });

  test("name the namespace, the queue and the remedy, and hide what opens the namespace", () => {
    const { message, hint } = failureOf({
      code: "ServiceBusy",
      message: `${connectionString} and ${encodeURIComponent(KEY)}`,
    });
    expect(message).toBe("Service Bus shop.example as cdc (queue Orders): the server is busy: *** and ***");
    expect(hint).toContain("throughput units");
  });
});

describe("connection strings", () => {
  test.each([
    ["", "has no Endpoint"],
    ["Endpoint=sb://shop.example/", "has neither SharedAccessKey nor SharedAccessSignature"],
    [`Endpoint=sb://shop.example/;SharedAccessKey=${KEY}`, "has no SharedAccessKeyName"],
  ])("%j is refused without showing it", (text, message) => {
    expect(() => parseConnectionString(text)).toThrow(
      expect.objectContaining({ code: "CDC_SERVICEBUS_CONNECTION", message: expect.stringContaining(message) }),
    );
    expect(() => parseConnectionString(text)).not.toThrow(KEY);
  });

  test("are plain for an emulator alone", () => {
    expect(parseConnectionString(connectionString)).toEqual({
      host: "shop.example",
      keyName: "cdc",
      secret: KEY,
      isPlain: false,
    });
    expect(parseConnectionString(`${connectionString};UseDevelopmentEmulator=true`).isPlain).toBe(true);
  });
});

describe("settings", () => {
  const connection = { environment: "dev-1", name: "shop" };
  test("come from the stack config by name, then for all, then from the environment", () => {
    const env = serviceBusVariables("dev-1", { namespace: "env.example", clientId: "id" });
    expect(env).toEqual({ SERVICEBUS_DEV_1_NAMESPACE: "env.example", SERVICEBUS_DEV_1_CLIENT_ID: "id" });
    expect(serviceBusConfig(connection, { env })).toEqual({ namespace: "env.example", clientId: "id" });
    const serviceBus = { namespace: "all.example" };
    expect(serviceBusConfig(connection, { env: {}, serviceBus })).toEqual({ namespace: "all.example" });
    const serviceBuses = { shop: { connectionString } };
    expect(serviceBusConfig(connection, { env, serviceBus, serviceBuses })).toEqual({ connectionString });
  });

  test("that are missing are named", () => {
    expect(() => serviceBusConfig(connection, { env: {} })).toThrow(
      expect.objectContaining({
        code: "CDC_SERVICEBUS_NOT_CONFIGURED",
        hint: expect.stringContaining("SERVICEBUS_DEV_1_NAMESPACE"),
      }),
    );
  });
});
