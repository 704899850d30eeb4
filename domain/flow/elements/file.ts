/**
 * Files of a vendor's information elements, ours under `vendors/` and users' own (`collector.elementFiles`):
 *
 * ```yaml
 * enterprise: 12345          # private enterprise number
 * name: acme                 # the elements are shown as acme.<name>
 * elements:
 *   1: { name: applicationName, type: string }
 *   2: { name: forwardedOctets, type: unsigned64, as: bytes }   # fills a field of the row
 * ```
 */
import { isMap, isScalar, LineCounter, parseDocument, type Node, type YAMLMap } from 'yaml';
import { NetWeaverError } from '../../../infra/errors';
import { ELEMENT_TYPES, ROW_FIELDS, type ElementType, type RowField, type VendorElements } from './element';

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const KEYS = ['enterprise', 'name', 'reverse', 'elements'];

/** Reads a file's `text`; `path` is what errors call it. Throws NW_CONFIG_INVALID with file, line and key. */
export function parseElementFile(text: string, path: string): VendorElements {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const fail = (at: Node | null | undefined, key: string, why: string): never => {
    const line = lines.linePos(at?.range?.[0] ?? 0).line;
    throw new NetWeaverError('NW_CONFIG_INVALID', `${path}, line ${line}: ${key}${key && ' '}${why}`);
  };
  const [problem] = document.errors;
  if (problem) throw new NetWeaverError('NW_CONFIG_INVALID', `${path}, line ${lines.linePos(problem.pos[0]).line}: ${problem.message.split('\n')[0]}`);
  const root = document.contents;
  if (!isMap(root)) return fail(root, '', `must have the keys ${KEYS.join(', ')}.`);
  for (const { key } of root.items) if (!KEYS.includes(textOf(key))) fail(key as Node, textOf(key), `is no key; known are ${KEYS.join(', ')}.`);
  const whole = (map: YAMLMap, key: string, min: number, max: number, otherwise?: number): number => {
    const value = map.get(key, true) as Node | undefined;
    if (value === undefined && otherwise !== undefined) return otherwise;
    const number = isScalar(value) ? value.value : undefined;
    return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max ? number : fail(value ?? map, key, `must be a whole number from ${min} to ${max}.`);
  };
  const word = <T extends string>(map: YAMLMap, at: string, key: string, allowed: readonly T[] | RegExp): T => {
    const value = map.get(key, true) as Node | undefined;
    const got = isScalar(value) && typeof value.value === 'string' ? value.value : '';
    const fits = allowed instanceof RegExp ? allowed.test(got) : (allowed as readonly string[]).includes(got);
    return fits ? (got as T) : fail(value ?? map, `${at}${key}`, allowed instanceof RegExp ? 'must be a name: a letter, then letters, digits, - and _.' : `must be one of ${allowed.join(', ')}.`);
  };
  const enterprise = whole(root, 'enterprise', 0, 4294967295);
  const reverse = whole(root, 'reverse', 0, 16384, 0);
  const [least, most] = enterprise === 0 ? [32768, 65535] : [1, 32767]; // without an enterprise: NetFlow v9's own, beyond IANA's
  const list = root.get('elements', true) as Node | undefined;
  if (!isMap(list)) return fail(list ?? root, 'elements', 'must be a map of numbers to elements.');
  const elements = new Map<number, { name: string; type: ElementType; as?: RowField }>();
  const names = new Set<string>();
  for (const { key, value } of list.items) {
    const id = isScalar(key) ? Number(key.value) : NaN;
    const at = `elements.${textOf(key)}`;
    if (!Number.isInteger(id) || id < least || id > most) fail(key as Node, at, `must be a number from ${least} to ${most}.`);
    if (!isMap(value)) return fail(key as Node, at, 'must have a name and a type.');
    for (const { key: inner } of value.items) if (!['name', 'type', 'as'].includes(textOf(inner))) fail(inner as Node, `${at}.${textOf(inner)}`, 'is no key; known are name, type, as.');
    const name = word<string>(value, `${at}.`, 'name', NAME);
    if (names.has(name)) fail(value, `${at}.name`, `${name} is used twice.`);
    names.add(name);
    const type = word(value, `${at}.`, 'type', ELEMENT_TYPES);
    if (!value.has('as')) {
      elements.set(id, { name, type });
      continue;
    }
    const as = word(value, `${at}.`, 'as', Object.keys(ROW_FIELDS) as RowField[]);
    const types: readonly ElementType[] = ROW_FIELDS[as];
    if (!types.includes(type)) fail(value.get('as', true) as Node, `${at}.as`, `${as} needs the type ${types.join(' or ')}.`);
    elements.set(id, { name, type, as });
  }
  return { enterprise, name: word<string>(root, '', 'name', NAME), reverse, elements };
}

const textOf = (key: unknown): string => (isScalar(key) ? String(key.value) : '');
