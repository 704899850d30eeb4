import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLOW_PROTOCOL } from '../../schemas';
import { FAULTS, Protocol } from './protocol';

test('protocols are numbered as in the schema', () => {
  expect(Protocol).toEqual(FLOW_PROTOCOL);
});

test('docs/collectors.md explains every fault, and no other', () => {
  const page = readFileSync(join(__dirname, '../../docs/collectors.md'), 'utf8');
  const explained = [...page.slice(page.indexOf('| reason |')).matchAll(/^\| `(\w+)` \|/gm)].map(([, reason]) => reason);
  expect(explained).toEqual(Object.keys(FAULTS));
});
