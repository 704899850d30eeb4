/** Writes the files of the golden replays: `npm run generate:golden`. */
import { writeFileSync } from 'node:fs';
import { CALM, goldenFile, goldenReplay } from './golden';

for (const [processor, golden] of goldenReplay(CALM)) writeFileSync(goldenFile(processor), `${JSON.stringify(golden, null, 2)}\n`);
