/** Which models there are: every folder with a card, within the folders of models. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hasCode, NetWeaverError } from '../errors';
import { ROOT } from '../root';
import { CARD, MODEL, readCard, type ModelCard } from './card';

/** Models that are shipped. */
export const SHIPPED = join(ROOT, 'models');

/** Fewest digits of a hash that choose a model. */
const LEAST_DIGITS = 8;

/** A card that was found, or why it cannot be used. */
export interface Found {
  readonly folder: string;
  readonly card: ModelCard | null;
  readonly error: NetWeaverError | null;
}

/** Every model of the folders, in the order of the folders and of their names. A folder that is not there holds none. */
export function findModels(folders: readonly string[]): Found[] {
  return folders.flatMap((folder) => inside(folder).map((name) => read(join(folder, name))));
}

function inside(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => existsSync(join(folder, name, CARD))).sort();
  } catch {
    return [];
  }
}

function read(folder: string): Found {
  try {
    return { folder, card: readCard(folder), error: null };
  } catch (error) {
    if (hasCode(error, 'NW_MODEL_UNREADABLE')) return { folder, card: null, error };
    throw error;
  }
}

/** The card of that name with the highest version, or with that hash. @throws NW_MODEL_UNKNOWN, NW_MODEL_UNREADABLE where it would be one whose card is damaged */
export function chooseModel(folders: readonly string[], name: string, hash = ''): ModelCard {
  const found = findModels(folders);
  const cards = found.flatMap(({ card }) => (card !== null && card.name === name && card.sha256.startsWith(hash) && (hash === '' || hash.length >= LEAST_DIGITS) ? [card] : []));
  if (cards.length > 0) return cards.reduce((one, other) => (other.version > one.version ? other : one));
  const damaged = found.find(({ folder, error }) => error !== null && (basename(folder) === name || basename(folder).startsWith(`${name}-`)));
  if (damaged?.error) throw damaged.error;
  const known = found.flatMap(({ card }) => (card === null ? [] : [`${card.name}@${card.sha256.slice(0, LEAST_DIGITS)}`]));
  throw new NetWeaverError('NW_MODEL_UNKNOWN', `${name}${hash === '' ? '' : `@${hash}`} is not among ${known.join(', ') || 'none'} in ${folders.join(', ')}.`);
}

/** `name@hash` or `name` taken apart. */
export function parseModelName(text: string): { name: string; hash: string } {
  const [name, hash = ''] = text.split('@');
  return { name, hash };
}

/** The model's file, which is the one that its card speaks of. @throws NW_MODEL_UNREADABLE, NW_MODEL_HASH */
export function readModelFile({ folder, sha256 }: ModelCard): Buffer {
  const path = join(folder, MODEL);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new NetWeaverError('NW_MODEL_UNREADABLE', `${path}: ${(error as Error).message}`);
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new NetWeaverError('NW_MODEL_HASH', `${path} has SHA-256 ${found}, its card says ${sha256}.`);
  return bytes;
}
