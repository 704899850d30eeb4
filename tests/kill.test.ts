/** A power cut in the middle: every process dies by SIGKILL while a capture is being replayed, starts again, and nothing is lost or doubled. */
import { readFileSync } from 'node:fs';
import { describeWith, shared, Stack, until } from './support/stack';

const pcap = shared('captures/netflow5/simpleweb-university-2708.pcap');
const summary = shared('captures/netflow5/simpleweb-university-2708.nfdump-summary.json');
const kafka = process.env.NETWEAVER_TEST_KAFKA;
const registry = process.env.NETWEAVER_TEST_REGISTRY;

async function killedTwice(settings: Record<string, Record<string, unknown>>): Promise<void> {
  const { flows, packets, bytes } = JSON.parse(readFileSync(summary, 'utf8')) as { flows: number; packets: number; bytes: number };
  const stack = await Stack.start(settings);
  try {
    const { ports } = stack;
    const replay = stack.background(
      'replay', pcap, '--rate', '80', '--acknowledge', `${stack.url}/collector/acknowledged`, '--give-up', '120',
      '--netflow-port', String(ports.netflow), '--ipfix-port', String(ports.ipfix), '--sflow-port', String(ports.sflow),
    );
    for (const share of [0.2, 0.6]) {
      await until(`${share * 100} % are stored`, async () => (await stack.totals()).flows > flows * share, () => stack.output());
      await stack.kill();
      expect(replay.child.exitCode).toBeNull();
      await stack.run();
    }
    await replay.done;
    const totals = await stack.stored(flows);
    expect({ flows: totals.flows, packets: totals.scaledPackets, bytes: totals.scaledBytes }).toEqual({ flows, packets, bytes });
  } finally {
    await stack.stop();
  }
}

describeWith([pcap, summary], 'kill -9 of everything in the middle of a replay', () => {
  it('leaves the same totals on the embedded log', () => killedTwice({}), 300_000);

  (kafka !== undefined && registry !== undefined ? it : it.skip)(
    'leaves the same totals on real Kafka (NETWEAVER_TEST_KAFKA, NETWEAVER_TEST_REGISTRY)',
    () => killedTwice({ kafka: { brokers: [kafka ?? ''] }, registry: { url: registry ?? '' }, topics: { prefix: `kill${process.pid}.` } }),
    300_000,
  );
});
