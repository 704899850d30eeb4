/** Information elements as configured: users' files of vendors' elements, and which are kept beside the row. */
import { readFileSync } from 'node:fs';
import { parseElementFile } from '../../../domain/flow/elements/file';
import { BUILT_IN, Elements } from '../../../domain/flow/elements/registry';
import { ExtraSelection } from '../../../domain/flow/extra';
import { NetWeaverError } from '../../../infra/errors';

/** What of the configuration says it: see `settings.ts`. */
export interface ElementSettings {
  readonly elementFiles: readonly string[];
  readonly extra: readonly string[];
}

/** Reads the files. Throws NW_CONFIG_INVALID with the file, and the line and key where they are wrong; so for names that mean no element. */
export function elementsOf({ elementFiles, extra }: ElementSettings): { elements: Elements; extra: ExtraSelection | null } {
  const elements = elementFiles.length === 0 ? BUILT_IN : new Elements(elementFiles.map(read));
  return { elements, extra: extra.length === 0 ? null : new ExtraSelection(extra, elements) };
}

function read(path: string): ReturnType<typeof parseElementFile> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new NetWeaverError('NW_CONFIG_INVALID', `collector.elementFiles: ${path} cannot be read: ${(error as Error).message}.`);
  }
  return parseElementFile(text, `collector.elementFiles: ${path}`);
}
