/** `netweaver all` as a whole: datagrams in, rows out, once each; signals, kills, second instances, roles that die. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { bytesOf, MOST_RECORDS, netflow5 } from './netflow5';
import { NETWEAVER, Stack, until } from './support/stack';

const kafka = process.env.NETWEAVER_TEST_KAFKA;
const registry = process.env.NETWEAVER_TEST_REGISTRY;

/** Sends datagrams of 30 flows each, numbered from `from` on. */
async function send(stack: Stack, from: number, datagrams: number): Promise<void> {
  const socket = createSocket('udp4');
  for (let i = 0; i < datagrams; i++) {
    const datagram = netflow5((from + i) * MOST_RECORDS, MOST_RECORDS, Date.now());
    await new Promise<void>((resolve, reject) => socket.send(datagram, stack.ports.netflow, '127.0.0.1', (error) => (error === null ? resolve() : reject(error))));
  }
  socket.close();
}

interface Acknowledged {
  readonly instance: string;
  readonly received: number;
  readonly acknowledged: number;
}
const acknowledged = async (stack: Stack): Promise<Acknowledged> => (await (await fetch(`${stack.url}/collector/acknowledged`)).json()) as Acknowledged;
const untilAcknowledged = (stack: Stack, count: number): Promise<void> => until(`${count} datagrams are acknowledged`, async () => (await acknowledged(stack)).acknowledged === count, () => stack.output());

/** What `datagrams` of 30 flows are in the database. */
const totalsOf = (datagrams: number): object => ({ flows: datagrams * MOST_RECORDS, bytes: datagrams * bytesOf(MOST_RECORDS), packets: datagrams * MOST_RECORDS * 10 });

describe('netweaver all, embedded', () => {
  let stack!: Stack;
  // Everything that `netweaver all` runs.
  beforeAll(async () => (stack = await Stack.start({ processing: { processors: [] } })), 120_000);
  afterAll(() => stack?.stop(), 60_000);

  test('datagrams become rows, each once; killed after the acknowledgement it loses none', async () => {
    await send(stack, 0, 10);
    await untilAcknowledged(stack, 10);
    const first = await acknowledged(stack);
    expect(await stack.stored(300)).toMatchObject(totalsOf(10));

    await send(stack, 10, 20);
    await untilAcknowledged(stack, 30);
    await stack.kill();
    await stack.run();
    const second = await acknowledged(stack);
    expect(second).toMatchObject({ received: 0, acknowledged: 0 });
    expect(second.instance).not.toBe(first.instance);
    expect(await stack.stored(900)).toMatchObject(totalsOf(30));
  }, 180_000);

  test('a datagram that comes twice is stored once', async () => {
    const twice = netflow5(30 * MOST_RECORDS, MOST_RECORDS, Date.now());
    const socket = createSocket('udp4');
    for (let i = 0; i < 2; i++) await new Promise((resolve) => socket.send(twice, stack.ports.netflow, '127.0.0.1', resolve));
    socket.close();
    await untilAcknowledged(stack, 2);
    await send(stack, 31, 1);
    expect(await stack.stored(32 * MOST_RECORDS)).toMatchObject(totalsOf(32));
  }, 120_000);

  test('`netweaver query` sees them', async () => {
    const rows = (await stack.command('query', 'sql', 'select count(*)::int as flows from flow_records', '--json')).trim();
    expect(JSON.parse(rows)).toEqual({ flows: 32 * MOST_RECORDS });
    const top = (await stack.command('query', 'top', '--by', 'dst', '--last', '5m', '--json')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(top).toHaveLength(1);
    expect(Object.values(top[0])).toContain('198.51.100.1');
  }, 60_000);

  test('its metrics carry all roles in one page', async () => {
    const text = await (await fetch(`${stack.url}/metrics`)).text();
    for (const role of ['all', 'collect', 'process', 'sink']) expect(text).toContain(`process_cpu_seconds_total{role="${role}"} `);
    expect(text).toMatch(/netweaver_component_received_total\{kind="source",name="flow",role="collect"\} [1-9]/);
    expect(text.match(/^# TYPE netweaver_component_received_total/gm)).toHaveLength(1);
  });

  test('a second one on the same folder ends with one coded message and leaves the first alone', async () => {
    const { stderr, status } = spawnSync(process.execPath, [NETWEAVER, 'all', '--config', stack.configFile, '--set', 'telemetry.logLevel=silent'], { encoding: 'utf8' });
    expect(stderr).toMatch(/^NW_(LOG_LOCKED|PORT_IN_USE|DATABASE_LOCKED): /);
    expect(status).toBe(3);
    expect((await fetch(`${stack.url}/readyz`)).status).toBe(200);
  }, 60_000);

  test('a UDP port that is taken is named, with the key that sets it', () => {
    const other = ['--set', `data.dir=${stack.folder}/other`, '--set', 'http.allPort=0', '--set', 'telemetry.logLevel=silent'];
    const { stderr, status } = spawnSync(process.execPath, [NETWEAVER, 'all', '--config', stack.configFile, ...other], { encoding: 'utf8' });
    expect(stderr).toMatch(/^NW_PORT_IN_USE: .*collector\.netflowPort/);
    expect(stderr).toContain(String(stack.ports.netflow));
    expect(status).toBe(3);
  }, 60_000);

  test('SIGTERM ends it with code 0; what it stored is there at the next start', async () => {
    expect(await stack.terminate()).toBe(0);
    await stack.run();
    expect(await stack.totals()).toMatchObject(totalsOf(32));
  }, 120_000);
});

const whenKafka = kafka !== undefined && registry !== undefined ? describe : describe.skip;

whenKafka('netweaver all on real Kafka (NETWEAVER_TEST_KAFKA, NETWEAVER_TEST_REGISTRY)', () => {
  let stack!: Stack;
  beforeAll(async () => {
    stack = await Stack.start({ kafka: { brokers: [kafka ?? ''], sessionTimeoutMs: 6000 }, registry: { url: registry ?? '' }, topics: { prefix: `all${process.pid}.` } });
  }, 120_000);
  afterAll(() => stack?.stop(), 60_000);

  const processOf = async (role: string): Promise<number> => {
    const text = await (await fetch(`${stack.url}/metrics`)).text();
    return Number(new RegExp(`^netweaver_process_id\\{role="${role}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
  };

  test.each([['process', 0], ['sink', 10]])('a %s process that is killed is started again and loses nothing', async (role, from) => {
    const before = await processOf(role);
    expect(before).not.toBe(await processOf('all'));
    await send(stack, from, 5);
    process.kill(before, 'SIGKILL');
    await send(stack, from + 5, 5);
    await until(`another ${role} process runs`, async () => ![before, NaN].includes(await processOf(role)), () => stack.output());
    expect(await stack.stored((from + 10) * MOST_RECORDS)).toMatchObject(totalsOf(from + 10));
  }, 120_000);
});
