import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { TopologyFile } from '../../../domain/topology/builder';
import { readTopology } from '../../../domain/topology/read';
import { NetWeaverError } from '../../../infra/errors';

/** A larger file, packed or not, is none. */
const MOST_BYTES = 64 * 2 ** 20;
const unzip = promisify(gunzip);

/** Source of what a file says: `file:` and its name without the folder. */
export const fileSource = (path: string): string => `file:${basename(path)}`;

/** Reads a file of a topology; one whose name ends in `.gz` is unpacked. @throws NW_TOPOLOGY_UNREADABLE, naming the file */
export async function readTopologyFile(path: string): Promise<TopologyFile> {
  const fault = (what: string): NetWeaverError => new NetWeaverError('NW_TOPOLOGY_UNREADABLE', `${path}: ${what}`);
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw fault(`${size} bytes are more than the ${MOST_BYTES} that are read`);
    bytes = await readFile(path);
    if (path.endsWith('.gz')) bytes = await unzip(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    throw error instanceof NetWeaverError ? error : fault((error as NodeJS.ErrnoException).code ?? (error as Error).message);
  }
  const utf8 = bytes.toString('utf8');
  // SNDlib's files, and old GML, are Latin-1.
  const text = utf8.includes('\ufffd') ? bytes.toString('latin1') : utf8;
  try {
    return readTopology(path, text);
  } catch (error) {
    throw error instanceof NetWeaverError ? fault(error.message.replace(`${path}: `, '')) : error;
  }
}
