/** Real captures through the whole way, replayed by the command and read back from the database, on both logs. */
import { readFileSync } from 'node:fs';
import { describeWith, shared, Stack } from './support/stack';

interface Summary {
  readonly flows: number;
  readonly packets: number;
  readonly bytes: number;
  readonly distinct_sources: number;
  readonly distinct_destinations: number;
  readonly top_sources_by_bytes: readonly [string, number][];
  readonly top_destinations_by_bytes: readonly [string, number][];
  readonly flows_by_ip_protocol: Readonly<Record<string, number>>;
  readonly top_destination_ports_by_flows: readonly [string, number][];
}

const kafka = process.env.NETWEAVER_TEST_KAFKA;
const registry = process.env.NETWEAVER_TEST_REGISTRY;

const logs: readonly { name: string; there: boolean; settings: Record<string, Record<string, unknown>> }[] = [
  { name: 'the embedded log', there: true, settings: {} },
  {
    name: 'real Kafka and a real schema registry (NETWEAVER_TEST_KAFKA, NETWEAVER_TEST_REGISTRY)',
    there: kafka !== undefined && registry !== undefined,
    settings: { kafka: { brokers: [kafka ?? ''] }, registry: { url: registry ?? '' }, topics: { prefix: `captures${process.pid}.` } },
  },
];

const captures = ['netflow5/simpleweb-university-2708', 'sflow/hpn-1000'].map((name) => ({
  pcap: shared(`captures/${name}.pcap`),
  summary: shared(`captures/${name}.nfdump-summary.json`),
}));

for (const { name, there, settings } of logs) {
  (there ? describe : describe.skip)(`through ${name}`, () => {
    for (const { pcap, summary } of captures) {
      describeWith([pcap, summary], pcap.split('/').slice(-2).join('/'), () => {
        const expected = (): Summary => JSON.parse(readFileSync(summary, 'utf8')) as Summary;
        let stack: Stack;

        beforeAll(async () => {
          stack = await Stack.start({ ...settings, topics: { ...settings.topics, prefix: `${String(settings.topics?.prefix ?? '')}${pcap.length}.` } });
          const { ports } = stack;
          await stack.command(
            'replay', pcap, '--speed', 'max', '--acknowledge', `${stack.url}/collector/acknowledged`,
            '--netflow-port', String(ports.netflow), '--ipfix-port', String(ports.ipfix), '--sflow-port', String(ports.sflow),
          );
        }, 240_000);
        afterAll(async () => stack?.stop());

        it('stores every flow, with the packets and bytes that nfdump counts', async () => {
          const { flows, packets, bytes } = expected();
          const totals = await stack.stored(flows);
          expect({ flows: totals.flows, packets: totals.scaledPackets, bytes: totals.scaledBytes }).toEqual({ flows, packets, bytes });
        }, 180_000);

        it('has the same hosts at the top', async () => {
          const { top_sources_by_bytes, top_destinations_by_bytes, distinct_sources, distinct_destinations } = expected();
          for (const [column, top, distinct] of [['src_addr', top_sources_by_bytes, distinct_sources], ['dst_addr', top_destinations_by_bytes, distinct_destinations]] as const) {
            const rows = await stack.query<{ host: string; bytes: string }>(
              `select host(${column}) as host, sum(bytes * greatest(sampling_rate, 1)) as bytes from flow_records group by 1 order by 2 desc, 1 limit ${top.length}`,
            );
            expect(rows.map((row) => [row.host, Number(row.bytes)])).toEqual([...top].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
            const [{ count }] = await stack.query<{ count: string }>(`select count(distinct ${column}) as count from flow_records`);
            expect(Number(count)).toBe(distinct);
          }
        });

        it('has the same protocols and destination ports', async () => {
          const protocols = await stack.query<{ proto: number; flows: string }>('select proto, count(*) as flows from flow_records group by 1');
          expect(Object.fromEntries(protocols.map((row) => [String(row.proto), Number(row.flows)]))).toEqual(expected().flows_by_ip_protocol);
          for (const [port, flows] of expected().top_destination_ports_by_flows) {
            const [proto, number] = port.split('/');
            const condition = number === 'None' ? '' : ` and dst_port = ${Number(number)}`; // nfdump gives ICMP no port
            const [{ count }] = await stack.query<{ count: string }>(`select count(*) as count from flow_records where proto = ${Number(proto)}${condition}`);
            expect([port, Number(count)]).toEqual([port, flows]);
          }
        });
      });
    }
  });
}
