import { unsupported } from "../errors";
import type { Body } from "./dml";
import type { TokenStream } from "./token-stream";

/** Options that change nothing in the stand-in, or are always on. */
const ON_OFF = new Set(
  (
    "ANSI_NULLS ANSI_NULL_DFLT_ON ANSI_NULL_DFLT_OFF ANSI_PADDING ANSI_WARNINGS ANSI_DEFAULTS ARITHABORT ARITHIGNORE " +
    "CONCAT_NULL_YIELDS_NULL CURSOR_CLOSE_ON_COMMIT FMTONLY FORCEPLAN IMPLICIT_TRANSACTIONS NOCOUNT NOEXEC " +
    "NUMERIC_ROUNDABORT PARSEONLY QUOTED_IDENTIFIER REMOTE_PROC_TRANSACTIONS SHOWPLAN_ALL SHOWPLAN_TEXT SHOWPLAN_XML " +
    "XACT_ABORT NO_BROWSETABLE"
  ).split(" "),
);

const WITH_VALUE = new Set(
  "DATEFIRST DATEFORMAT DEADLOCK_PRIORITY LANGUAGE LOCK_TIMEOUT ROWCOUNT TEXTSIZE CONTEXT_INFO QUERY_GOVERNOR_COST_LIMIT".split(
    " ",
  ),
);

/** SET of a variable, an option or the isolation level. */
export function parseSet(tokens: TokenStream): Body<"set"> | Body<"setOption"> {
  tokens.expect("SET");
  const token = tokens.peek();
  if (token.kind === "variable") return parseVariable(tokens);
  if (tokens.accept("TRANSACTION", "ISOLATION", "LEVEL")) {
    const words = [tokens.anyWord().toUpperCase()];
    if (words[0] === "READ" || words[0] === "REPEATABLE") words.push(tokens.anyWord().toUpperCase());
    return { kind: "setOption", names: ["ISOLATION"], value: words.join(" ") };
  }
  if (tokens.accept("IDENTITY_INSERT")) {
    const table = tokens.name();
    return { kind: "setOption", names: ["IDENTITY_INSERT"], value: tokens.anyWord().toUpperCase(), table };
  }
  if (tokens.accept("STATISTICS")) {
    tokens.list(() => tokens.anyWord());
    return { kind: "setOption", names: ["STATISTICS"], value: tokens.anyWord().toUpperCase() };
  }
  return parseOption(tokens);
}

function parseOption(tokens: TokenStream): Body<"setOption"> {
  const first = tokens.anyWord().toUpperCase();
  if (WITH_VALUE.has(first)) {
    const isWord = tokens.peek().kind === "word" || tokens.peek().kind === "quoted";
    return { kind: "setOption", names: [first], value: isWord ? tokens.anyWord() : tokens.expression() };
  }
  const names = [first];
  while (tokens.acceptSymbol(",")) names.push(tokens.anyWord().toUpperCase());
  for (const name of names) if (!ON_OFF.has(name)) throw unsupported(`SET ${name}`);
  return { kind: "setOption", names, value: tokens.anyWord().toUpperCase() };
}

function parseVariable(tokens: TokenStream): Body<"set"> {
  const variable = tokens.next().text;
  const operator = tokens.next().text;
  if (!/^[-+*/%&|^]?=$/.test(operator)) throw tokens.unexpected();
  return { kind: "set", variable, operator, expr: tokens.expression() };
}
