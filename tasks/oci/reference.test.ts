import { formatReference, isLoopback, parseReference, taggedName, tagOrDigest } from "./reference";

const HEX = "0123456789abcdef".repeat(4);
const DIGEST = `sha256:${HEX}`;

describe("a reference", () => {
  test.each([
    ["orders", "docker.io/library/orders"],
    ["acme/orders", "docker.io/acme/orders"],
    ["acme/orders:v1", "docker.io/acme/orders:v1"],
    ["index.docker.io/acme/orders", "docker.io/acme/orders"],
    ["localhost/orders", "localhost/orders"],
    ["localhost:5000/x:v1", "localhost:5000/x:v1"],
    ["[::1]:5000/a/x:v1", "[::1]:5000/a/x:v1"],
    ["ghcr.io/a/b/c/d:v1.2.0-beta.1", "ghcr.io/a/b/c/d:v1.2.0-beta.1"],
    ["GHCR.io/a/x", "ghcr.io/a/x"],
    [`ghcr.io/a/x@${DIGEST}`, `ghcr.io/a/x@${DIGEST}`],
    [`registry.example.com:443/a/x:v1@${DIGEST}`, `registry.example.com:443/a/x:v1@${DIGEST}`],
    [`ghcr.io/a/x@sha512:${HEX}${HEX}`, `ghcr.io/a/x@sha512:${HEX}${HEX}`],
  ])("%s is %s", (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
    expect(parseReference(full)).toEqual(parseReference(text));
  });

  test.each([
    ["", "no part of a name"],
    ["Acme/Orders", "no registry|no part of a name"],
    ["ghcr.io/a/Orders", '"Orders" is no part of a name'],
    ["ghcr.io/a//b", '"" is no part'],
    ["ghcr.io/a/x:", '"" is no tag'],
    ["ghcr.io/a/x:v 1", '"v 1" is no tag'],
    ["ghcr.io/a/x@sha256:abc", '"sha256:abc" is no digest'],
    [`ghcr.io/a/x@md5:${HEX}`, "is no digest"],
    ["localhost:70000/x", '"localhost:70000" is no registry'],
    ["https://ghcr.io/a/x", "no https://"],
    ["ghcr.io/../x", '".." is no part'],
    [`ghcr.io/${"a/".repeat(130)}x`, "too long"],
  ])("%j is refused", (text, reason) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({
        code: "CDC_PROVIDER_REFERENCE",
        message: expect.stringMatching(reason) as string,
      }) as Error,
    );
  });

  test("is asked for by its digest, and locked by its tag", () => {
    const both = parseReference(`ghcr.io/a/x:v1@${DIGEST}`);
    expect([tagOrDigest(both), taggedName(both)]).toEqual([DIGEST, "ghcr.io/a/x:v1"]);
    expect([tagOrDigest(parseReference("a/x")), taggedName(parseReference("a/x"))]).toEqual([
      "latest",
      "docker.io/a/x:latest",
    ]);
  });

  test.each([
    ["localhost", true],
    ["localhost:5000", true],
    ["registry.localhost:5000", true],
    ["127.0.0.1:5000", true],
    ["127.1.2.3", true],
    ["[::1]:5000", true],
    ["ghcr.io", false],
    ["localhost.example.com", false],
    ["127.0.0.1.example.com", false],
    ["10.0.0.1:5000", false],
  ])("of %s is on this machine: %s", (registry, expected) => {
    expect(isLoopback(registry)).toBe(expected);
  });
});
