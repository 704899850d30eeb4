import { encodeFlowBatch, FlowBatchColumns, type FlowBatch, type FlowDetail } from '../../../schemas';
import { from as copyFrom } from 'pg-copy-streams';
import { finished } from 'node:stream/promises';
import { CopyBuffer } from './copy-buffer';
import { appendFlows, type FlowTouch } from './flow-rows';
import { migrate } from './migrate';
import { copyStatement, TABLES } from './tables';
import { batchOf, datagram, flow, NO_DETAIL } from './testing/flows';
import { onEachDatabase, type Server, type TestDatabase } from './testing/databases';

const decoded = (batch: FlowBatch): FlowBatchColumns => {
  const columns = new FlowBatchColumns();
  columns.decode(encodeFlowBatch(batch, 1));
  return columns;
};
const noDetail = {
  scaled: null, src_country: null, dst_country: null, src_site: null, dst_site: null, tunnel: null, tunnel_id: null, inner_src_addr: null, inner_dst_addr: null, inner_src_port: null, inner_dst_port: null, inner_proto: null, extra: null,
};
const touched = (): FlowTouch => ({ buckets: new Set(), timesReplaced: 0 });

onEachDatabase('rows of flow_records', (start, flavour) => {
  let server: Server;
  let db: TestDatabase;
  beforeAll(async () => {
    server = await start();
    db = await server.database();
    await migrate(db.pool);
  });
  afterAll(async () => {
    await db?.drop();
    await server?.stop();
  });

  async function stored(batch: FlowBatch): Promise<Record<string, unknown>[]> {
    const [plain, detailed] = [new CopyBuffer(), new CopyBuffer()];
    const touch = touched();
    appendFlows(plain, detailed, decoded(batch), touch);
    if (flavour === 'native') await db.pool.query(`SELECT ensure_partitions('flow_records', (SELECT array_agg(to_timestamp(t)) FROM unnest($1::float8[]) AS t))`, [[...touch.buckets].map((bucket) => bucket * 300)]);
    const client = await db.pool.connect();
    try {
      await client.query('BEGIN');
      for (const [table, out] of [[TABLES.flows, plain], [TABLES.detailedFlows, detailed]] as const) {
        const stream = client.query(copyFrom(copyStatement(table)));
        stream.end(out.finished());
        await finished(stream);
      }
      return (await client.query('SELECT to_jsonb(f) AS row FROM flow_records f ORDER BY src_port')).rows.map(({ row }: { row: Record<string, unknown> }) => row);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  }

  it('hold every field of a flow and of its datagram', async () => {
    const datagrams = [datagram({ protocol: 'NETFLOW_V5' }), datagram({ exporter: '2001:db8::99', observationDomain: 4294967295, protocol: 'SFLOW_V5' })];
    const full = flow({ datagram: 1, srcAddr: '2001:db8::1', dstAddr: '198.51.100.9', srcPort: 65_535, dstPort: 53, proto: 17, tcpFlags: 65_535, tos: 184, packets: 12, bytes: 2 ** 40, samplingRate: 1000, inIf: 4294967295, outIf: 3, nextHop: '203.0.113.1', srcAs: 4200000000, dstAs: 64512, srcMask: 48, dstMask: 32, vlan: 4095, direction: 1, observers: 63 });
    const rows = await stored(batchOf([full, flow({ srcPort: 1 })], datagrams));
    expect(rows).toEqual([
      expect.objectContaining({ src_port: 1, exporter: '192.0.2.10', protocol: 'NETFLOW_V5', next_hop: null, scaled_bytes: 1000 }),
      {
        time: '2026-01-02T03:04:05+00:00', start_time: '2026-01-02T03:04:00+00:00', bytes: 2 ** 40, packets: 12, scaled_bytes: 2 ** 40 * 1000, scaled_packets: 12_000, sampling_rate: 1000,
        in_if: 4294967295, out_if: 3, src_as: 4200000000, dst_as: 64512, observation_domain: 4294967295, src_port: 65_535, dst_port: 53, tcp_flags: 65_535, vlan: 4095, protocol: 'SFLOW_V5',
        proto: 17, tos: 184, src_mask: 48, dst_mask: 32, direction: 1, observers: 63, exporter: '2001:db8::99', src_addr: '2001:db8::1', dst_addr: '198.51.100.9', next_hop: '203.0.113.1', ...noDetail,
      },
    ]);
  });

  it.each<[string, Partial<FlowDetail>, Record<string, unknown>]>([
    ['ends', { srcCountry: 'DE', dstCountry: 'NZ', srcSite: 'Zürich', dstSite: 'a\0b' }, { src_country: 'DE', dst_country: 'NZ', src_site: 'Zürich', dst_site: 'ab' }],
    ['one end', { dstSite: 'x'.repeat(3000) }, { dst_site: 'x'.repeat(3000) }],
    [
      'what is inside a tunnel', { tunnel: 'VXLAN', tunnelId: 2 ** 24 - 1, innerSrcAddr: '10.9.8.7', innerDstAddr: '2001:db8::7', innerSrcPort: 65_535, innerDstPort: 1, innerProto: 255 },
      { tunnel: 'VXLAN', tunnel_id: 2 ** 24 - 1, inner_src_addr: '10.9.8.7', inner_dst_addr: '2001:db8::7', inner_src_port: 65_535, inner_dst_port: 1, inner_proto: 255 },
    ],
    ['a tunnel whose inside is not known', { tunnel: 'GRE' }, { tunnel: 'GRE' }],
    ['elements that were asked for', { extra: { applicationName: 'say "hi"\n\0', '9.12235': 'ünï \\u0000', '': '' } }, { extra: { applicationName: 'say "hi"\n', '9.12235': 'ünï \\u0000', '': '' } }],
    ['nothing at all', {}, {}],
  ])('hold a detail with %s, and NULL for the rest of it', async (_, detail, expected) => {
    const rows = await stored(batchOf([flow({ srcPort: 1 }), flow({ srcPort: 2, detail: { ...NO_DETAIL, ...detail } }), flow({ srcPort: 3 })]));
    expect(rows.map((row) => row.src_port)).toEqual([1, 2, 3]);
    expect(rows[0]).toMatchObject(noDetail);
    expect(rows[1]).toMatchObject({ ...noDetail, bytes: 1000, src_addr: '10.0.0.1', ...expected });
    expect(rows[2]).toMatchObject(noDetail);
  });

  it('say where the exporter had scaled the counters', async () => {
    const [scaled, both] = await stored(batchOf([flow({ srcPort: 1 }), flow({ srcPort: 2, detail: { ...NO_DETAIL, srcCountry: 'FR' } })], [datagram({ scaled: true })]));
    expect(scaled).toMatchObject({ ...noDetail, scaled: true, bytes: 1000 });
    expect(both).toMatchObject({ ...noDetail, scaled: true, src_country: 'FR' });
  });

  it('are plain where a flow has no detail: it costs them nothing', () => {
    const [plain, detailed] = [new CopyBuffer(), new CopyBuffer()];
    appendFlows(plain, detailed, decoded(batchOf([flow(), flow({ detail: { ...NO_DETAIL, srcSite: 'a' } }), flow()])), touched());
    expect([plain.rows, detailed.rows]).toEqual([2, 1]);
  });

  it('have NULL for addresses that are not known, and are not scaled where the sampling rate is not', async () => {
    const [row] = await stored(batchOf([flow({ srcAddr: '', dstAddr: '', samplingRate: 0 })], [datagram({ exporter: '' })]));
    expect(row).toMatchObject({ exporter: null, src_addr: null, dst_addr: null, next_hop: null, bytes: 1000, scaled_bytes: 1000, scaled_packets: 10, sampling_rate: 0 });
  });
});

describe('times of flows', () => {
  const received = Date.UTC(2026, 0, 2);
  const bucketsOf = (end: number, start = end): { buckets: number[]; timesReplaced: number } => {
    const touch = touched();
    appendFlows(new CopyBuffer(), new CopyBuffer(), decoded(batchOf([flow({ start, end })], [datagram({ receiveTime: received })])), touch);
    return { buckets: [...touch.buckets].map((bucket) => bucket * 300_000), timesReplaced: touch.timesReplaced };
  };

  it.each([
    ['now', received, received, 0],
    ['in 2008, as in an old capture', Date.UTC(2008, 1, 3, 4, 7), Date.UTC(2008, 1, 3, 4, 5), 0],
    ['a clock half a day fast', received + 43_200_000, received + 43_200_000, 0],
    ['a clock of 1970', 12_345, received, 1],
    ['a clock of the year 2100', Date.UTC(2100, 0, 1), received, 1],
    ['a negative clock', -5, received, 2],
  ])('%s', (_name, end, bucket, timesReplaced) => {
    expect(bucketsOf(end)).toEqual({ buckets: [bucket], timesReplaced });
  });
});

describe('values that a column cannot hold', () => {
  it.each([
    ['a protocol beyond 15 bits', flow({ proto: 40_000 })],
    ['negative bytes', flow({ bytes: -1 })],
    ['a datagram that is not there', flow({ datagram: 1 })],
    ['a datagram before the first', flow({ datagram: -1 })],
  ])('%s: the batch is refused and the buffer as before', (_name, bad) => {
    const out = new CopyBuffer();
    appendFlows(out, new CopyBuffer(), decoded(batchOf([flow()])), touched());
    const before = Buffer.from(out.finished());
    expect(() => appendFlows(out, new CopyBuffer(), decoded(batchOf([flow(), bad])), touched())).toThrow(expect.objectContaining({ code: 'NW_SINK_VALUE_REFUSED' }) as Error);
    expect(out.rows).toBe(1);
    expect(Buffer.from(out.finished()).equals(before)).toBe(true);
  });
});
