import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../infra/root';
import { registeredMetrics } from './metrics-page';

test('every metric that the code names is on the page', () => {
  const known = new Set(Object.values(registeredMetrics()).flat().map(({ name }) => name));
  const named = ['processors', 'connectors'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) => [...readFileSync(join(ROOT, folder, file), 'utf8').matchAll(/\(\s*'((?:collector|sink|poll|processor)_[a-z_]+)',\s*['`]/g)].map((match) => match[1])),
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((name) => !['', '_total', '_seconds'].some((end) => known.has(`netweaver_${name}${end}`)))).toEqual([]);
});
