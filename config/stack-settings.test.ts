import { CdcError } from "../lib/errors";
import { stackSettings } from ".";

const settings = (values: Record<string, string>, env = {}, stack?: string) =>
  stackSettings((key) => values[key], env, stack);

describe("stack settings", () => {
  test("everything has a default; the environment is the stack's name", () => {
    expect(settings({}, {}, "prod")).toEqual({
      directory: ".",
      environment: "prod",
      strict: false,
      allowDrop: false,
      protect: false,
      capture: true,
      applicationRole: "postgres",
    });
  });

  test("capture is switched off by the stack, else by the environment", () => {
    expect(settings({ capture: "false" })).toMatchObject({ capture: false });
    expect(settings({}, { CDC_CAPTURE: "false" })).toMatchObject({ capture: false });
    expect(settings({ capture: "true" }, { CDC_CAPTURE: "false" })).toMatchObject({ capture: true });
  });

  test("the stack's own values win over the environment's variables", () => {
    const env = { CDC_DB_USER: "loader", CDC_ENVIRONMENT: "test", CDC_SERVICE: "" };
    expect(settings({ environment: "dev", directory: "yaml", service: "clinic" }, env)).toMatchObject({
      environment: "dev",
      directory: "yaml",
      service: "clinic",
      applicationRole: "loader",
    });
  });

  test.each([
    [{ strict: "yes" }, "cdc:strict must be true or false"],
    [{ allowDrop: "true", protect: "true" }, "cdc:allowDrop and cdc:protect are both true"],
  ])("%j is refused by name", (values, message) => {
    expect(() => settings(values)).toThrow(new CdcError("CDC_STACK_CONFIG", message));
  });
});
