import { parseChallenges } from "./challenge";

test.each([
  [undefined, []],
  ["Negotiate abc", []],
  ['Basic realm="my registry"', [{ scheme: "basic", realm: "my registry" }]],
  ["Basic", [{ scheme: "basic" }]],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/x:pull,push"',
    [
      {
        scheme: "bearer",
        realm: "https://auth.docker.io/token",
        service: "registry.docker.io",
        scope: "repository:a/x:pull,push",
      },
    ],
  ],
  [
    'Bearer realm="https://a/token" , service=s, error="invalid_token", Basic realm="a \\"b\\""',
    [
      { scheme: "bearer", realm: "https://a/token", service: "s", error: "invalid_token" },
      { scheme: "basic", realm: 'a "b"' },
    ],
  ],
])("the header %j", (header, challenges) => {
  expect(parseChallenges(header)).toEqual(challenges);
});
