/**
 * Memory over a long time: 5,000 exporters with 20,000 templates (NetFlow v9 and IPFIX), decoded as the collector does, with loss,
 * health and waiting data followed and the batches thrown away. An hour at 200,000 flows/s is 720 million flows; they go through as fast as
 * one core takes them. Ten times on the way memory is printed, after a collection of garbage; it is to be flat.
 *
 *     npm run build && node --expose-gc dist/load-tests/soak/memory.js [--flows 720000000] [--exporters 5000] [--templates 4]
 *
 * Prints a table and a JSON line.
 */
import { FlowPartitions } from '../../domain/flow/batch-builder';
import { FlowDecoder } from '../../domain/flow/decoder';
import { bytes, ip4, ipfix, netflow9, set, template, type FixtureField } from '../../domain/flow/fixtures';
import { ConfiguredRates } from '../../domain/flow/sampling';
import { Health } from '../../connectors/sources/flow/health';

const FLOWS_PER_SECOND = 200_000;
const RECORDS = 24;
const POINTS = 10;
/** Exporters send their templates again so often, in datagrams. */
const RESEND = 200;
/** One datagram of so many does not arrive; prime, so that it is another exporter's each time. */
const LOST = 997;

function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

/** Templates differ in their number of fields of two bytes: each exporter has its own set of them. */
const fieldsOf = (exporter: number, k: number): FixtureField[] => [[8, 4], [12, 4], [1, 4], [2, 4], [7, 2], [11, 2], [4, 1], ...Array.from({ length: (exporter + k) % 8 }, (_, i): FixtureField => [[10, 14, 16, 17, 9, 13, 61, 58][i], 2])];

interface Exporter {
  readonly address: string;
  readonly v9: boolean;
  sequence: number;
  sent: number;
  readonly templates: Buffer;
  readonly data: Buffer[];
}

const flows = option('flows', 40_000_000);
const exporterCount = option('exporters', 5000);
const templateCount = option('templates', 4);

/** A set of data for a template, shared by exporters whose templates have as many fields. */
const bodies = new Map<string, Buffer>();
function bodyOf(fields: readonly FixtureField[], id: number): Buffer {
  const rest = fields.length - 7;
  const key = `${rest} ${id}`;
  let body = bodies.get(key);
  if (!body) {
    const records = Array.from({ length: RECORDS }, (_, i) => bytes(ip4(`10.0.${i}.1`), ip4('192.0.2.9'), [1000 + i, 4], [3, 4], [i, 2], [443, 2], [6, 1], Buffer.alloc(2 * rest)));
    bodies.set(key, (body = set(id, Buffer.concat(records))));
  }
  return body;
}

const exporters = Array.from({ length: exporterCount }, (_, n): Exporter => {
  const v9 = n % 2 === 0;
  const ids = Array.from({ length: templateCount }, (_, k) => 256 + k);
  const records = Buffer.concat(ids.map((id, k) => template(id, fieldsOf(n, k))));
  return { address: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, v9, sequence: n, sent: 0, templates: set(v9 ? 0 : 2, records), data: ids.map((id, k) => bodyOf(fieldsOf(n, k), id)) };
});

let batches = 0;
let faults = 0;
const decoder = new FlowDecoder(
  new FlowPartitions(4, 192 * 1024, (builder) => {
    builder.take(1);
    batches++;
  }),
  new ConfiguredRates({}, 0),
  { perExporter: 4 << 20, total: 64 << 20 },
  { fault: () => void faults++ },
  { waiting: { totalBytes: 16 << 20, perExporterBytes: 2 << 20, ageMs: 600_000 } },
);
let told = 0;
const health = new Health(decoder, { name: 'collector.health', partitions: 2, schemaId: 1, type: '' }, 'soak', 0, (records) => void (told += records.length), 0);

const header = { v9: Buffer.alloc(20), ipfix: Buffer.alloc(16) };

/** A datagram of an exporter, in memory that is used again. */
const memory = Buffer.alloc(2048);
function datagram(exporter: Exporter, body: Buffer, records: number, seconds: number): Buffer {
  const head = exporter.v9 ? header.v9 : header.ipfix;
  const length = head.length + body.length;
  memory.writeUInt16BE(exporter.v9 ? 9 : 10, 0);
  memory.writeUInt16BE(exporter.v9 ? 1 : length, 2);
  if (exporter.v9) {
    memory.writeUInt32BE(seconds * 1000, 4);
    memory.writeUInt32BE(1_700_000_000 + seconds, 8);
    memory.writeUInt32BE(exporter.sequence, 12);
    memory.writeUInt32BE(0, 16);
  } else {
    memory.writeUInt32BE(1_700_000_000 + seconds, 4);
    memory.writeUInt32BE(exporter.sequence, 8);
    memory.writeUInt32BE(0, 12);
  }
  exporter.sequence = (exporter.sequence + (exporter.v9 ? 1 : records)) >>> 0;
  body.copy(memory, head.length);
  return memory.subarray(0, length);
}

interface Point {
  readonly flowsM: number;
  readonly simulatedMinutes: number;
  readonly heapMiB: number;
  readonly externalMiB: number;
  readonly rssMiB: number;
  readonly templates: number;
  readonly streams: number;
  readonly lost: number;
}

const points: Point[] = [];
const mib = (value: number): number => Math.round(value / 2 ** 18) / 4;

function measure(decoded: number): void {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  let lost = 0;
  for (const { sequence } of decoder.streams) lost += sequence.lost;
  points.push({
    flowsM: Math.round(decoded / 1e4) / 100, simulatedMinutes: Math.round(decoded / FLOWS_PER_SECOND / 0.6) / 100, heapMiB: mib(heapUsed), externalMiB: mib(external), rssMiB: mib(rss),
    templates: decoder.templates.size, streams: decoder.streams.size, lost,
  });
}

async function run(): Promise<void> {
  // Sanity: the fixtures' own writers make the same datagrams.
  const probe = exporters[0];
  const probed = Buffer.from(datagram(probe, probe.data[0], RECORDS, 0));
  if (!probed.subarray(20).equals(netflow9([probe.data[0]]).subarray(20)) || ipfix([]).length !== 16) throw new Error('the datagrams are not what they should be');
  probe.sequence--;
  const cpu = process.cpuUsage();
  let decoded = 0;
  let serial = 0;
  let dropped = 0;
  let unitsDropped = 0;
  let nextHealth = 10;
  const step = flows / POINTS;
  for (let point = 1; point <= POINTS; ) {
    for (const exporter of exporters) {
      const seconds = Math.floor(decoded / FLOWS_PER_SECOND);
      const source = decoder.sources.of(exporter.address);
      if (exporter.sent % RESEND === 0) decoder.decode(datagram(exporter, exporter.templates, 0, seconds), source, seconds * 1000, serial++);
      const made = datagram(exporter, exporter.data[exporter.sent % templateCount], RECORDS, seconds);
      exporter.sent++;
      if (serial % LOST === LOST - 1) {
        serial++;
        dropped++;
        unitsDropped += exporter.v9 ? 1 : RECORDS;
        continue;
      }
      decoded += decoder.decode(made, source, seconds * 1000, serial++);
    }
    if (decoded / FLOWS_PER_SECOND >= nextHealth) {
      nextHealth += 10;
      await health.tell(Math.floor(decoded / FLOWS_PER_SECOND) * 1000, { received: serial, receivedBytes: 0, kernelDrops: 0, queueDrops: 0, refused: 0, spoolDrops: 0 });
    }
    if (decoded >= point * step) {
      measure(decoded);
      point++;
    }
  }
  const { user, system } = process.cpuUsage(cpu);
  console.table(points);
  const half = points.slice(points.length / 2).map(({ heapMiB }) => heapMiB);
  console.log(JSON.stringify({ soak: 'memory', node: process.version, exporters: exporterCount, templates: decoder.templates.size, flows: decoded, batches, healthRecords: told, datagramsDropped: dropped, unitsDropped, faults, cpuSeconds: Math.round((user + system) / 1e6), heapGrowthSecondHalfMiB: Math.round((half.at(-1)! - half[0]) * 100) / 100, points }));
}

void run();
