import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlowPartitions } from '../../../domain/flow/batch-builder';
import { FlowDecoder } from '../../../domain/flow/decoder';
import { bytes, ip4, ipfix, netflow9, optionsTemplate10, optionsTemplate9, set, template, type FixtureField } from '../../../domain/flow/fixtures';
import { ConfiguredRates } from '../../../domain/flow/sampling';
import type { NetWeaverError } from '../../../infra/errors';
import { decodeFlowBatch, type Flow } from '../../../schemas';
import { TemplateStore } from './template-store';

const FIELDS = [[8, 4], [12, 4], [1, 4]] as const;
const flow = bytes(ip4('10.0.0.1'), ip4('10.0.0.2'), [100, 4]);
const NOW = 1_700_000_000_000;

const folder = mkdtempSync(join(tmpdir(), 'netweaver-templates-'));
const path = join(folder, 'collect-0.templates');
afterEach(() => readdirSync(folder).forEach((file) => rmSync(join(folder, file))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A collector's decoder with its store, as after a start at `nowMs`. */
function start(nowMs = NOW, { name = 'collect-0', total = 1 << 22 } = {}) {
  const partitions = new FlowPartitions(1);
  const faults: string[] = [];
  const errors: string[] = [];
  const decoder = new FlowDecoder(partitions, new ConfiguredRates({}, 0), { perExporter: 1 << 20, total }, { fault: (_source, fault) => faults.push(fault) });
  const store = new TemplateStore(folder, name, decoder.templates, (error: NetWeaverError) => errors.push(error.code));
  const loaded = store.load(nowMs);
  let serial = 0;
  const send = (datagram: Buffer, from = '192.0.2.1', atMs = nowMs): Flow[] => {
    decoder.decode(datagram, decoder.sources.of(from), atMs, serial++);
    return decodeFlowBatch(partitions.builders[0].take(0)).flows;
  };
  return { decoder, store, loaded, faults, errors, send };
}

describe('after a restart', () => {
  test('data decodes at once, with the sampling rates and boot times that were learnt', async () => {
    const before = start();
    before.send(netflow9([set(0, template(256, FIELDS)), set(256, flow), set(1, optionsTemplate9(257, [[1, 4]], [[48, 1], [50, 4]])), set(257, bytes([0, 4], [1, 1], [1000, 4]))], { domain: 9 }));
    const boot = [set(3, optionsTemplate10(258, [[144, 4]], [[160, 8]])), set(258, bytes([1, 4], [NOW - 60_000, 8]))];
    before.send(ipfix([...boot, set(2, template(256, [[8, 4], [22, 4], [21, 4]])), set(256, bytes(ip4('10.0.0.1'), [1000, 4], [2000, 4]))]), '2001:db8::7');
    await before.store.close();

    const after = start();
    expect([after.loaded, after.errors]).toEqual([4, []]);
    expect(after.send(netflow9([set(256, flow)], { domain: 9 }))).toMatchObject([{ bytes: 100, samplingRate: 1000 }]);
    expect(after.send(ipfix([set(256, bytes(ip4('10.0.0.1'), [1000, 4], [2000, 4]))]), '2001:db8::7')).toMatchObject([{ start: NOW - 59_000, end: NOW - 58_000 }]);
    expect(after.faults).toEqual([]);
  });

  test('only exporters that delivered flows are known, and no sessions', async () => {
    const before = start();
    before.send(ipfix([set(2, template(256, FIELDS))]));
    const session = before.decoder.sources.session('192.0.2.2', '1');
    before.decoder.decode(ipfix([set(2, template(256, FIELDS)), set(256, flow)]), session, NOW, 1);
    before.send(ipfix([set(2, template(256, FIELDS)), set(256, flow)]), '192.0.2.3');
    await before.store.close();
    const after = start();
    expect(after.loaded).toBe(1);
    expect([after.send(ipfix([set(256, flow)])).length, after.send(ipfix([set(256, flow)]), '192.0.2.3').length]).toEqual([0, 1]);
  });

  test('a template that the exporter changed meanwhile is not taken for data that it does not explain', async () => {
    const before = start();
    before.send(ipfix([set(2, template(256, FIELDS)), set(256, flow)]));
    await before.store.close();
    const after = start();
    const longer = bytes(flow, [1, 4], [2, 4]);
    expect(after.send(ipfix([set(256, longer)]))).toEqual([]);
    expect([after.faults, after.decoder.templates.size]).toEqual([['template_missing'], 0]);
  });

  test('an exporter that now comes to another worker is known there, by what was written last', async () => {
    const one = start(NOW, { name: 'collect-0' });
    one.send(ipfix([set(2, template(256, FIELDS)), set(256, flow)]), '192.0.2.1', NOW - 1_000_000);
    await one.store.close();
    const two = start(NOW, { name: 'collect-1' });
    two.send(ipfix([set(2, template(256, [[12, 4], [8, 4], [1, 4]])), set(256, flow)]));
    await two.store.close();
    expect(readdirSync(folder).sort()).toEqual(['collect-0.templates', 'collect-1.templates']);
    expect(start(NOW, { name: 'collect-2' }).send(ipfix([set(256, flow)]))).toMatchObject([{ srcAddr: '10.0.0.2', dstAddr: '10.0.0.1' }]);
  });

  test('what nothing came from for a month is not taken back', async () => {
    const before = start();
    before.send(ipfix([set(2, template(256, FIELDS)), set(256, flow)]));
    await before.store.close();
    expect(start(NOW + 29 * 86_400_000).loaded).toBe(1);
    expect(start(NOW + 31 * 86_400_000).loaded).toBe(0);
  });

  test('as many are taken back as there is room for, those used last first', async () => {
    const before = start();
    for (let i = 1; i <= 20; i++) before.send(ipfix([set(2, template(256, FIELDS)), set(256, flow)]), `192.0.2.${i}`, NOW + i * 1000);
    await before.store.close();
    const after = start(NOW, { total: 5000 });
    expect(after.decoder.templates.weight).toBeLessThanOrEqual(5000);
    expect([after.send(ipfix([set(256, flow)]), '192.0.2.20').length, after.send(ipfix([set(256, flow)]), '192.0.2.1').length]).toEqual([1, 0]);
  });
});

describe('the file', () => {
  const written = async (): Promise<string> => {
    const { send, store } = start();
    send(ipfix([set(2, template(256, FIELDS)), set(256, flow)]));
    await store.close();
    return readFileSync(path, 'utf8');
  };

  test.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, text.length >> 1)],
    ['empty', () => ''],
    ['changed by a byte', (text) => text.replace('192.0.2.1', '192.0.2.2')],
    ['of another version', (text) => text.replace('"version":1', '"version":2')],
    ['something else', () => 'no templates\nat all\n'],
  ])('%s is a fault that is told, and begins an empty cache; the next one is whole again', async (_name, damage) => {
    writeFileSync(path, damage(await written()));
    const { loaded, errors, decoder } = start();
    expect([loaded, errors, decoder.templates.size]).toEqual([0, ['NW_TEMPLATES_UNREADABLE'], 0]);
    await written();
    expect(start().errors).toEqual([]);
  });

  test('that cannot be written is told; nothing else happens', async () => {
    const { store, errors, send } = start();
    send(ipfix([set(2, template(256, FIELDS)), set(256, flow)]));
    rmSync(folder, { recursive: true });
    await store.close();
    expect(errors).toEqual(['NW_TEMPLATES_UNWRITABLE']);
    start(); // makes the folder again
  });

  test('is written some seconds after something new was learnt, and not without', async () => {
    const { store, send } = start();
    store.tick(NOW);
    await store.close();
    expect(readdirSync(folder)).toEqual([]);
    send(ipfix([set(2, template(256, FIELDS)), set(256, flow)]));
    store.tick(NOW + 1000);
    await store.close();
    const first = readFileSync(path, 'utf8');
    send(ipfix([set(2, template(257, FIELDS))]));
    store.tick(NOW + 2000);
    expect(readFileSync(path, 'utf8')).toBe(first);
    await store.close();
    expect(readFileSync(path, 'utf8')).not.toBe(first);
    expect(readdirSync(folder)).toEqual(['collect-0.templates']);
  });
});

describe('connections of a firewall that an update told of (Cisco ASA)', () => {
  const EVENT: readonly FixtureField[] = [[148, 4], [8, 4], [12, 4], [4, 1], [233, 1], [33002, 2], [231, 4]];
  const event = (kind: number, connection: number, count: number): Buffer => netflow9([set(0, template(256, EVENT)), set(256, bytes([connection, 4], ip4('10.0.0.1'), ip4('10.0.0.2'), [6, 1], [kind, 1], [0, 2], [count, 4]))], { domain: 7 });
  const [TORN_DOWN, UPDATED] = [2, 5];
  const sum = (flows: readonly Flow[]): number => flows.reduce((total, flow) => total + flow.bytes, 0);

  test('are not counted once more when they end after a restart', async () => {
    const before = start();
    expect([sum(before.send(event(UPDATED, 1, 500))), sum(before.send(event(UPDATED, 2, 600))), sum(before.send(event(TORN_DOWN, 2, 600)))]).toEqual([500, 600, 0]);
    await before.store.close();
    const after = start(NOW + 60_000);
    expect(after.errors).toEqual([]);
    expect([sum(after.send(event(TORN_DOWN, 1, 500))), sum(after.send(event(TORN_DOWN, 2, 70))), sum(after.send(event(TORN_DOWN, 1, 80)))]).toEqual([0, 70, 80]);
    expect(sum(after.send(event(TORN_DOWN, 1, 90), '192.0.2.2'))).toBe(90);
  });

  test('are written each minute though nothing else was learnt, and forgotten after an hour', async () => {
    const before = start();
    before.send(event(UPDATED, 3, 500));
    before.store.tick(NOW);
    await before.store.save();
    rmSync(path);
    before.store.tick(NOW + 10_000);
    expect(existsSync(path)).toBe(false);
    before.store.tick(NOW + 10 * 60_000);
    while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sum(start(NOW + 90_000).send(event(TORN_DOWN, 3, 500)))).toBe(0);
    expect(sum(start(NOW + 2 * 3_600_000).send(event(TORN_DOWN, 3, 500)))).toBe(500);
  });
});
