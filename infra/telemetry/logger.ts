import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import pino, { type Logger } from 'pino';

const ROTATE_BYTES = 10 * 1024 * 1024;

/** Fields that never appear in a log, at the top and one level down. */
const SECRET_FIELDS = ['password', 'passphrase', 'secret', 'token', 'community', 'authorization'];

/** `postgres://user:word@host` without the word. */
export const withoutCredentials = (line: string): string => line.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*):[^\s@/"]+@/gi, '$1:***@');

/** Where the logs go and from which level. */
export interface LoggerOptions {
  readonly level: string;
  /** Empty: standard error. */
  readonly file: string;
  /** Fields on every line, e.g. the role. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** JSON lines with time, level, message and fields; passwords are taken out, also out of URLs. */
export function openLogger({ level, file, fields }: LoggerOptions): Logger {
  if (file !== '') rotate(file);
  return pino(
    {
      level,
      base: fields,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '***' },
      hooks: { streamWrite: withoutCredentials },
    },
    pino.destination(file === '' ? { fd: 2, sync: true } : { dest: file, sync: true, append: true, mkdir: true }),
  );
}

function rotate(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > ROTATE_BYTES) renameSync(file, `${file}.1`);
}
