/**
 * Resolves at the first SIGTERM or SIGINT, or when the process that started this one has gone (its message channel closes).
 * A second signal ends the process at once; what was not committed is done again at the next start.
 */
export function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (why: string): void => {
      if (stopping && why !== 'disconnect') process.exit(130);
      stopping = true;
      resolve(why);
    };
    process.on('SIGTERM', () => stop('SIGTERM'));
    process.on('SIGINT', () => stop('SIGINT'));
    if (process.channel !== undefined) process.on('disconnect', () => stop('disconnect'));
  });
}
