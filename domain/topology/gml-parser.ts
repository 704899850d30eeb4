/**
 * The Graph Modelling Language (Himsolt, 1997): keys with values that are numbers, texts in quotation marks, or lists of keys
 * with values in brackets. A key may come several times.
 */
import { placeIn, unreadable } from './text-place';

/** A list: its keys in the order of the file. */
export type GmlList = readonly GmlEntry[];

export interface GmlEntry {
  readonly key: string;
  /** Numbers as they are written. */
  readonly value: string | GmlList;
  readonly at: number;
}

const MOST_DEPTH = 32;
/** A blank, a comment to the end of the line, a bracket, a text, or a word. */
const TOKEN = /\s+|#[^\n]*|\[|\]|"([^"]*)"|[^\s[\]"#]+/gy;
const KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$|^[+-]?(?:nan|inf)$/i;
const ENTITIES: Readonly<Record<string, string>> = { quot: '"', amp: '&', lt: '<', gt: '>', apos: "'" };

/** Reads a text. @throws NW_TOPOLOGY_UNREADABLE with line and column */
export function parseGml(text: string): GmlList {
  const stack: GmlEntry[][] = [[]];
  const opened: number[] = [];
  let key: { name: string; at: number } | null = null;
  const scanner = new RegExp(TOKEN);
  for (let at = 0; at < text.length; ) {
    scanner.lastIndex = at;
    const match = scanner.exec(text);
    if (match === null) throw unreadable('the text in quotation marks does not end', placeIn(text, at));
    const [token, quoted] = match;
    const here = at;
    at += token.length;
    if (/^[\s#]/.test(token)) continue;
    const list = stack[stack.length - 1];
    if (token === ']') {
      if (key !== null) throw unreadable(`${key.name} has no value`, placeIn(text, key.at));
      if (stack.length === 1) throw unreadable('] closes nothing', placeIn(text, here));
      stack.pop();
      opened.pop();
    } else if (key === null) {
      if (!KEY.test(token)) throw unreadable(`expected a key, found ${token.slice(0, 40)}`, placeIn(text, here));
      key = { name: token, at: here };
    } else {
      if (token === '[') {
        if (stack.length > MOST_DEPTH) throw unreadable(`lists are nested deeper than ${MOST_DEPTH}`, placeIn(text, here));
        const inner: GmlEntry[] = [];
        list.push({ key: key.name, value: inner, at: key.at });
        stack.push(inner);
        opened.push(key.at);
      } else {
        if (quoted === undefined && !NUMBER.test(token)) throw unreadable(`expected a number, a text or [ after ${key.name}, found ${token.slice(0, 40)}`, placeIn(text, here));
        list.push({ key: key.name, value: quoted === undefined ? token : decoded(quoted), at: key.at });
      }
      key = null;
    }
  }
  if (key !== null) throw unreadable(`${key.name} has no value`, placeIn(text, key.at));
  if (opened.length > 0) throw unreadable('the list does not end', placeIn(text, opened[opened.length - 1]));
  return stack[0];
}

/** Characters that GML writes by name or number (ISO 8859-1). */
const decoded = (text: string): string =>
  text.replace(/&(#[0-9]{1,7}|[a-z]+);/g, (all, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name] ?? all;
    const code = Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
