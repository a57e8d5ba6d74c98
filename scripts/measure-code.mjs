import ts from "typescript";

/** Measures one TypeScript file: its lines, its functions' lengths, and which exported declarations have JSDoc. */
export function measure(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const functions = [];
  visit(file);
  return { path, lines: lineCount(text), functions, exports: file.statements.filter(isExported).map(hasJsDoc) };

  function visit(node) {
    if (ts.isFunctionLike(node) && node.body) functions.push({ name: nameOf(node), lines: linesOf(node) });
    ts.forEachChild(node, visit);
  }

  function linesOf(node) {
    const line = (position) => file.getLineAndCharacterOfPosition(position).line;
    return line(node.end) - line(node.getStart()) + 1;
  }

  function nameOf(node) {
    return (node.name ?? node.parent?.name)?.getText(file) ?? "(anonymous)";
  }
}

export function lineCount(text) {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

function isExported(statement) {
  return (
    ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)
  );
}

function hasJsDoc(statement) {
  return ts.getJSDocCommentsAndTags(statement).length > 0;
}
