import type { TopologyFile } from './builder';
import { readGml } from './gml';
import { readGraphml } from './graphml';
import { readSndlib } from './sndlib';
import { unreadable } from './text-place';
import { readYaml } from './yaml';

/** Readers by the end of a file's name, in lower case. */
const READERS: Readonly<Record<string, (text: string) => TopologyFile>> = { graphml: readGraphml, gml: readGml, xml: readSndlib, yaml: readYaml, yml: readYaml, json: readYaml };

/** Ends of the names of files that can be read; each also with `.gz` after it. */
export const TOPOLOGY_FORMATS: readonly string[] = Object.keys(READERS);

/**
 * Reads the text of a file of that name, in the format that the end of the name says. A file that gives its network no name has
 * that of the file. @throws NW_TOPOLOGY_UNREADABLE
 */
export function readTopology(fileName: string, text: string): TopologyFile {
  const [, base, end] = /([^/\\]*?)\.([a-z]+)(?:\.gz)?$/i.exec(fileName) ?? [];
  const reader = READERS[end?.toLowerCase() ?? ''];
  if (reader === undefined) throw unreadable(`the name ends with none of ${TOPOLOGY_FORMATS.map((format) => `.${format}`).join(', ')}`, fileName);
  // Some editors put a byte order mark first.
  const file = reader(text.startsWith('\ufeff') ? text.slice(1) : text);
  return file.name === '' ? { ...file, name: base } : file;
}
