import {
  LineCounter,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type Node,
  type Pair,
} from 'yaml';
import type { ConfigFault } from '../domain/config/config.ts';

/** From the root of a file to a value in it: keys and list positions. */
export type ValuePath = readonly (string | number)[];

/** A configuration file as text; `file` is relative to the configuration folder, with forward slashes. */
export interface SourceText {
  file: string;
  text: string;
}

/** What is wrong, before it has a place. `value` defaults to what stands there. */
export interface FaultText {
  message: string;
  expected: string;
  value?: string;
  /** Where to point: at the value (default) or at its key. */
  at?: 'key' | 'value';
}

/** A parsed file that can say where each of its values stands. `faults` are those of the YAML itself. */
export interface PositionedDocument {
  file: string;
  /** Plain JavaScript; as much as could be read where `faults` is not empty. */
  data: unknown;
  faults: ConfigFault[];
  /** False where the text is so broken that `data` proves nothing; a key given twice is a fault, but not that. */
  readable: boolean;
  fault(path: ValuePath, text: FaultText): ConfigFault;
}

/** `sections[3].reach.id`; the root is an empty text. */
export function pathText(path: ValuePath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** A value as it is shown in a fault: JSON, shortened to 80 characters. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Reads YAML 1.2 (so JSON too). Syntax errors, duplicate keys and a second document are faults, never exceptions. */
export function readDocument(source: SourceText): PositionedDocument {
  const { file } = source;
  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const faults: ConfigFault[] = [];
  for (const error of [...document.errors, ...document.warnings]) {
    const { line, col } = lines.linePos(error.pos[0]);
    // What follows on the same line is nearly always a consequence of the first.
    if (faults.some((fault) => fault.line === line)) continue;
    const shown =
      source.text.slice(error.pos[0], Math.max(error.pos[1], error.pos[0] + 1)).split('\n')[0] ?? '';
    const message = `${error.code}: ${error.message}`;
    faults.push({
      file,
      line,
      column: col,
      path: '',
      value: valueText(shown),
      message,
      expected: 'well-formed YAML 1.2',
    });
  }
  let data: unknown = null;
  let readable = document.errors.every((error) => error.code === 'DUPLICATE_KEY');
  try {
    data = document.toJS();
  } catch (error) {
    readable = false;
    const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    faults.push({
      file,
      line: 1,
      column: 1,
      path: '',
      value: 'the file',
      message,
      expected: 'well-formed YAML 1.2',
    });
  }
  return {
    file,
    data,
    faults,
    readable,
    fault(path, text) {
      const offset = offsetOf(document.contents, path, text.at ?? 'value', (node) =>
        resolved(node, document),
      );
      const { line, col } = lines.linePos(offset);
      const value = text.value ?? valueText(valueAt(data, path));
      return {
        file,
        line,
        column: col,
        path: pathText(path),
        value,
        message: text.message,
        expected: text.expected,
      };
    },
  };
}

function resolved(node: unknown, document: ReturnType<typeof parseDocument>): Node | null {
  if (isAlias(node)) return node.resolve(document) ?? null;
  return isNode(node) ? node : null;
}

/** Offset of the value (or its key) at `path`; where it is missing, of the nearest one above it. */
function offsetOf(
  root: unknown,
  path: ValuePath,
  at: 'key' | 'value',
  resolve: (node: unknown) => Node | null,
): number {
  let node = resolve(root);
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    let next: unknown;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.findLast((item) => keyText(item.key) === String(step));
      if (pair === undefined) return offset;
      next = pair.value;
      offset = (last && at === 'key' ? null : startOf(next)) ?? startOf(pair.key) ?? offset;
    } else if (isSeq(node)) {
      next = node.items[Number(step)];
      if (next === undefined) return offset;
      offset = startOf(next) ?? offset;
    } else return offset;
    node = resolve(next);
  }
  return offset;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

/** Whether a value has members: a map, or a list. */
export function hasMembers(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}

/** The plain value at `path`; undefined where nothing stands. */
export function valueAt(data: unknown, path: ValuePath): unknown {
  let value = data;
  for (const step of path) {
    if (!hasMembers(value)) return undefined;
    value = value[String(step)];
  }
  return value;
}
