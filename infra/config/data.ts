import { section, text } from './section';

/** Where a node keeps what it must find again: the embedded log, the embedded database, downloads for local use. */
export const dataSection = section('data', 'Where state is kept on this machine.', {
  dir: text({ doc: 'Folder of the embedded log, the embedded database and other local state; made where it is missing. Relative to the working directory.', default: 'data' }),
});
