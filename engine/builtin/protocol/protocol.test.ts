import { createRequire } from "node:module";
import fc from "fast-check";
import { decodeMessage, encodeMessage } from "./codec";
import { registerResourceRequest, registerResourceResponse } from "./messages";
import { decodeStruct, encodeStruct, type Properties } from "./struct";

interface SdkStruct {
  toJavaScript(): Properties;
  serializeBinary(): Uint8Array;
}

interface SdkMessage {
  serializeBinary(): Uint8Array;
  [setter: string]: unknown;
}

// The SDK's own protobuf library, which the other side of every call uses.
const sdk = createRequire(require.resolve("@pulumi/pulumi"));
const { Struct } = sdk("google-protobuf/google/protobuf/struct_pb") as {
  Struct: { fromJavaScript(value: object): SdkStruct; deserializeBinary(bytes: Uint8Array): SdkStruct };
};
const resource = sdk("./proto/resource_pb") as {
  RegisterResourceRequest: new () => SdkMessage;
  RegisterResourceResponse: { deserializeBinary(bytes: Uint8Array): { toObject(): Record<string, unknown> } };
};

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.string({ unit: "grapheme" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;
const properties = fc
  .dictionary(
    fc.string().filter((key) => key !== "__proto__"),
    values,
    { noNullPrototype: true },
  )
  .map((record) => record as Properties);

describe("the protocol of the built-in engine", () => {
  it("encodes properties so that the SDK reads the same", () => {
    fc.assert(
      fc.property(properties, (props) => {
        expect(Struct.deserializeBinary(encodeStruct(props)).toJavaScript()).toEqual(props);
      }),
    );
  });

  it("decodes what the SDK encodes", () => {
    fc.assert(
      fc.property(properties, (props) => {
        expect(decodeStruct(Buffer.from(Struct.fromJavaScript(props).serializeBinary()))).toEqual(props);
      }),
    );
  });

  it("reads properties named like parts of a prototype without touching any", () => {
    const text = decodeStruct(
      encodeStruct(JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as Properties),
    );
    expect(Object.keys(text).sort()).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("reads a registration as the SDK sends it, absent apart from false", () => {
    const request = new resource.RegisterResourceRequest();
    const call = (setter: string, value: unknown): unknown =>
      (request[setter] as (value: unknown) => unknown).call(request, value);
    call("setType", "a:b:C");
    call("setProtect", false);
    call("setDependenciesList", ["x", "y"]);
    call("setObject", Struct.fromJavaScript({ a: 1 }));
    call("setSupportsresultreporting", true);
    const read = decodeMessage<Record<string, unknown>>(
      registerResourceRequest,
      Buffer.from(request.serializeBinary()),
    );
    expect(read).toMatchObject({ type: "a:b:C", protect: false, dependencies: ["x", "y"] });
    expect(read).not.toHaveProperty("retainOnDelete");
    expect(decodeStruct(read["object"] as Buffer)).toEqual({ a: 1 });
  });

  it("answers a registration so that the SDK reads it", () => {
    const bytes = encodeMessage(registerResourceResponse, {
      urn: "u",
      id: "i",
      object: encodeStruct({ b: [true] }),
      result: 1,
    });
    const read = resource.RegisterResourceResponse.deserializeBinary(bytes).toObject();
    expect(read).toMatchObject({ urn: "u", id: "i", result: 1 });
  });

  it("grows with its messages", () => {
    const long = { text: "ä".repeat(300_000), list: Array.from({ length: 2000 }, (_unused, index) => index) };
    expect(decodeStruct(encodeStruct(long))).toEqual(long);
  });

  it("refuses a message that was cut off", () => {
    const bytes = encodeStruct({ a: "some text" });
    expect(() => decodeStruct(bytes.subarray(0, bytes.length - 3))).toThrow(RangeError);
  });
});
