import { NetWeaverError } from '../infra/errors';

/** A parser of a numeric option. @throws NW_USAGE with the option's name and what is allowed. */
export const numberOption =
  (name: string, least: number, most: number) =>
  (text: string): number => {
    const value = text.trim() === '' ? NaN : Number(text);
    if (!(value >= least && value <= most)) throw new NetWeaverError('NW_USAGE', `${name} ${text}: a number from ${least} to ${most}.`);
    return value;
  };

/** Shows a line of progress on a terminal's standard error once a second; returns what ends it. Nothing is shown elsewhere. */
export function showProgress(silent: boolean, line: () => string): () => void {
  if (silent || !process.stderr.isTTY) return () => undefined;
  const timer = setInterval(() => process.stderr.write(`\r\x1b[K${line()}`), 1000);
  return () => {
    clearInterval(timer);
    process.stderr.write('\r\x1b[K');
  };
}
