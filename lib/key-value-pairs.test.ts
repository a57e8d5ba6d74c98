import { keyValuePairs } from "./key-value-pairs";

describe("key=value pairs", () => {
  test.each([
    [
      "plain ones",
      "Server = a ;Initial Catalog=b",
      ";",
      [
        ["server", "a"],
        ["initialcatalog", "b"],
      ],
    ],
    [
      "quotes, doubled inside",
      `a='x;''y';b="z""";c={p}}q};`,
      ";",
      [
        ["a", "x;'y"],
        ["b", 'z"'],
        ["c", "p}q"],
      ],
    ],
    [
      "blanks between",
      "host=h  password='a b' user=u",
      " ",
      [
        ["host", "h"],
        ["password", "a b"],
        ["user", "u"],
      ],
    ],
    [
      "an empty value",
      "a=;b=1",
      ";",
      [
        ["a", ""],
        ["b", "1"],
      ],
    ],
    ["a value with =", "a=b=c", ";", [["a", "b=c"]]],
    ["nothing", " ", ";", []],
  ] as const)("takes %s", (_title, text, separator, pairs) => {
    expect([...(keyValuePairs(text, separator) ?? [])]).toEqual(pairs);
  });

  test.each(["a", "=b", "a='b", "a='b'c;d=e"])("%s is none", (text) => {
    expect(keyValuePairs(text, ";")).toBeUndefined();
  });
});
