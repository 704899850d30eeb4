/** Datagrams to begin with: those of the collection of captures beside the checkout, and some made here. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bytes, counterSample, ethernet, flowSample, ip4, ipfix, ipv4Packet, netflow5, netflow9, optionsTemplate9, sampledHeader, set, sflow5, tcp, template } from '../../domain/flow/fixtures';
import { CaptureReader } from '../../domain/pcap/datagrams';
import { seedOf, type Seed } from './mutate';

const FOLDER = resolve(__dirname, '../../../shared/captures');
/** Of one capture no more than this many, so that a large one does not drown the others. */
const MOST_OF_ONE = 40;

const RECORDS = Buffer.concat(Array.from({ length: 5 }, (_, i) => bytes(ip4(`10.0.0.${i}`), ip4('10.1.0.1'), [i, 2], [443, 2], [6, 1], [100, 4], [1, 4])));
const FIELDS = [[8, 4], [12, 4], [7, 2], [11, 2], [4, 1], [1, 4], [2, 4]] as const;
const LISTS = bytes([13, 1], [3, 1], [257, 2], Buffer.alloc(9, 1), [16, 1], [4, 1], [257, 2], [12, 2], Buffer.alloc(8, 2), Buffer.alloc(3));
const VXLAN = ethernet(0x0800, ipv4Packet('10.0.0.1', '10.0.0.2', 17, bytes([9, 2], [4789, 2], [0, 4], [8, 1], [0, 3], [5, 3], [0, 1], ethernet(0x0800, ipv4Packet('10.0.0.3', '10.0.0.4', 6, tcp(1, 2))))));

const MADE: readonly Buffer[] = [
  netflow5(Array.from({ length: 10 }, (_, i) => ({ src: `10.0.0.${i}`, dst: '10.1.0.1' }))),
  netflow9([set(0, template(256, FIELDS)), set(1, optionsTemplate9(300, [[2, 2]], [[34, 4]])), set(256, RECORDS), set(300, bytes([1, 2], [100, 4]))]),
  ipfix([set(2, bytes(template(256, FIELDS), template(257, [[8, 4], [82, 65535]]), template(258, [[292, 65535], [293, 65535]]), template(259, [[8, 4], [12, 4], [1, 4], [1, 4, 29305]]))), set(256, RECORDS), set(258, LISTS), set(259, Buffer.alloc(64, 7))]),
  sflow5([flowSample([sampledHeader(VXLAN)]), counterSample(1, 2, 3)]),
];

/** Every seed; the same in the same order on each machine that has the same captures. */
export function allSeeds(): Seed[] {
  const seeds = MADE.map(seedOf);
  const manifest = join(FOLDER, 'manifest.json');
  if (!existsSync(manifest)) return seeds;
  for (const { file, walk } of JSON.parse(readFileSync(manifest, 'utf8')) as { file: string; walk?: object }[]) {
    if (walk === undefined) continue;
    let count = 0;
    for (const { payload } of CaptureReader.open(join(FOLDER, file)).datagrams()) {
      if (count++ === MOST_OF_ONE) break;
      seeds.push(seedOf(Buffer.from(payload)));
    }
  }
  return seeds;
}
