/** Flows a second of the simulated network where nothing else is said. */
export const DEFAULT_RATE = '500';

/** The command line of `netweaver all` for that of `npm start`. */
export function startArguments(given) {
  const args = ['all', '--view'];
  let rate = DEFAULT_RATE;
  let demo = true;
  for (let i = 0; i < given.length; i++) {
    if (given[i] === '--no-demo') demo = false;
    else if (given[i] === '--rate') rate = given[++i] ?? '';
    else args.push(given[i]);
  }
  return demo ? [...args, '--demo', rate] : args;
}

/** What `npm test` was asked for: paths that narrow it, and jest's own options. */
export function testArguments(given) {
  return { paths: given.filter((argument) => !argument.startsWith('-')), options: given.filter((argument) => argument.startsWith('-')) };
}
