import { NetWeaverError } from '../../infra/errors';

/** Line and column of a character of a text, both from 1, as `line 3, column 7`. */
export function placeIn(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `line ${line}, column ${at - before.lastIndexOf('\n')}`;
}

/** A file that is no topology, with the place where it goes wrong. */
export const unreadable = (what: string, where = ''): NetWeaverError => new NetWeaverError('NW_TOPOLOGY_UNREADABLE', where === '' ? what : `${where}: ${what}`);
