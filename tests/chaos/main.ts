/**
 * `npm run chaos -- [--faults 100] [--seed 1] [--only 'processor killed'] [--broken]`: what is committed after faults equals a calm run. Needs Java, Maven, the
 * Kafka client and a build. Exit code 1 where something is wrong; with --broken, where no work was done twice. `NETWEAVER_DIST` names a build elsewhere.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chaos, type ChaosOutcome } from './chaos';

/** What work done twice leaves: records that are there too often, or a processor that stops because its changelog is ahead of its group. */
const doneTwice = ({ findings, ends }: ChaosOutcome): boolean => findings.some(({ tooMany }) => tooMany > 0) || ends.some(({ how }) => how.endsWith('NW_STATE_UNUSABLE'));

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { faults: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' }, only: { type: 'string' }, broken: { type: 'boolean', default: false } } });
  const outcome = await chaos({ faults: Number(values.faults), seed: Number(values.seed), only: values.only, preload: values.broken ? resolve(__dirname, 'broken.cjs') : undefined, say: (line) => console.error(line) });
  console.table(outcome.findings);
  console.table(outcome.faults);
  console.table(outcome.ends);
  console.log(JSON.stringify({ chaos: values.broken ? 'offsets committed outside the transaction' : 'as built', ...outcome }));
  if (values.broken) console.log(doneTwice(outcome) ? 'The broken variant was caught.' : 'The broken variant was NOT caught.');
  const good = values.broken ? doneTwice(outcome) : outcome.findings.every(({ wrong }) => wrong === '');
  process.exit(good ? 0 : 1);
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
