/** Who writes to a signal: told by types, so that `set` of a Map or of a style does not count. */
import { relative, resolve } from 'node:path';
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import {
  isBinaryExpression,
  isCallExpression,
  isIdentifier,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isPropertyDeclaration,
  isVariableDeclaration,
} from 'typescript/unstable/ast/is';
import { API, type Project } from 'typescript/unstable/sync';

const ROOT = resolve(import.meta.dirname, '..');
/** Where `set` itself is written. */
const SIGNALS = 'src/state/session/signals.ts';

/** What `….set(…)` and `….value = …` under this node are called on. */
function receivers(node: Node, found: Node[] = []): Node[] {
  const access = isCallExpression(node)
    ? node.expression
    : isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.EqualsToken
      ? node.left
      : node;
  if (access !== node && isPropertyAccessExpression(access)) {
    if (access.name.text === (isCallExpression(node) ? 'set' : 'value')) found.push(access.expression);
  }
  node.forEachChild((child) => {
    receivers(child, found);
  });
  return found;
}

/** The name by which a signal is written is where it is made: a property or a constant that is `signal(…)`. */
function makesSignal(node: Node): boolean {
  if (!isPropertyDeclaration(node) && !isVariableDeclaration(node) && !isPropertyAssignment(node)) return false;
  const { initializer } = node;
  return (
    initializer !== undefined &&
    isCallExpression(initializer) &&
    isIdentifier(initializer.expression) &&
    initializer.expression.text === 'signal'
  );
}

function writesIn(project: Project, file: string): string[] {
  const { program, checker } = project;
  const source = program.getSourceFile(file)!;
  return receivers(source).flatMap((receiver) => {
    const type = checker.getNonNullableType(checker.getTypeAtLocation(receiver)!)?.getSymbol();
    if (type?.name !== 'State' && type?.name !== 'Signal') return [];
    const name = isPropertyAccessExpression(receiver) ? receiver.name : receiver;
    const made = checker.getSymbolAtLocation(name)?.valueDeclaration;
    const own = made?.path.toLowerCase() === file.toLowerCase() && makesSignal(made.resolve(project)!);
    if (own) return [];
    const line = source.text.slice(0, receiver.getStart(source)).split('\n').length;
    return [`${relative(ROOT, file)}:${line} ${receiver.getText(source)}`];
  });
}

/** The places in src where a signal is written by a module that did not make it. */
export function foreignWrites(): string[] {
  const api = new API({ cwd: ROOT });
  try {
    const [project] = api.updateSnapshot({ openProjects: [resolve(ROOT, 'tsconfig.json')] }).getProjects();
    const files = project.program
      .getSourceFileNames()
      .filter((file) => file.startsWith(`${ROOT}/src/`) && !file.endsWith(SIGNALS));
    return files.flatMap((file) => writesIn(project, file)).sort();
  } finally {
    api.close();
  }
}
