// Runs on old versions of node too: plain syntax only.
export const NEEDED = 20;

/** Says so and ends the process where node is too old. */
export function requireNode(version) {
  const major = Number(String(version).split('.')[0]);
  if (major >= NEEDED) return true;
  process.stderr.write('NetWeaver needs node ' + NEEDED + ' or later; this is ' + version + '. See https://nodejs.org/en/download\n');
  return false;
}
