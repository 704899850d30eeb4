import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { FlowPartitions } from '../../../domain/flow/batch-builder';
import { FlowDecoder, type Source } from '../../../domain/flow/decoder';
import { bytes, ip4, ipfix, set, template } from '../../../domain/flow/fixtures';
import { ConfiguredRates } from '../../../domain/flow/sampling';
import type { Peer } from './receiver';
import { StreamReceiver, type StreamReceiverOptions } from './stream-receiver';

const folder = mkdtempSync(join(tmpdir(), 'netweaver-streams-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** A receiver with a decoder behind it, as the collector has them. */
class Behind {
  flows = 0;
  messages = 0;
  busy = false;
  readonly faults: string[] = [];
  readonly peers: Peer[] = [];
  readonly ended: Peer[] = [];
  readonly refusals: string[] = [];
  readonly receiver: StreamReceiver;
  port = 0;
  readonly decoder = new FlowDecoder(new FlowPartitions(1), new ConfiguredRates({}, 0), { perExporter: 2 ** 20, total: 2 ** 24 }, { fault: (_source, fault) => this.faults.push(fault) });
  private readonly sources = new Map<Peer, Source>();

  constructor(more: Partial<StreamReceiverOptions> = {}) {
    this.receiver = new StreamReceiver({
      endpoints: [{ address: '127.0.0.1', port: 0, key: 'collector.ipfixTcpPort', transport: more.tls ? 'tls' : 'tcp' }], maxConnections: 8, idleMs: 0,
      busy: () => this.busy,
      broken: () => this.faults.push('bad_message'),
      ended: (peer) => {
        this.ended.push(peer);
        const source = this.sources.get(peer);
        if (source) this.decoder.end(source);
      },
      refused: (reason, detail) => this.refusals.push(`${reason} ${detail}`),
      ...more,
    });
  }

  async start(): Promise<this> {
    const [{ port }] = await this.receiver.start((payload, peer, receiveMs) => {
      let source = this.sources.get(peer);
      if (!source) {
        this.sources.set(peer, (source = this.decoder.sources.session(peer.address, peer.session!)));
        this.peers.push(peer);
      }
      this.flows += this.decoder.decode(payload, source, receiveMs, this.messages++);
    });
    this.port = port;
    started.push(this.receiver);
    return this;
  }
}
const started: StreamReceiver[] = [];
afterEach(async () => {
  for (const receiver of started.splice(0)) await receiver.stop();
});

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const TEMPLATE = ipfix([set(2, template(256, [[8, 4], [12, 4], [1, 4], [2, 4]]))]);
/** The same id, another layout. */
const OTHER = ipfix([set(2, template(256, [[1, 8], [2, 8]]))]);
const data = (count: number): Buffer => ipfix([set(256, Buffer.concat(Array.from({ length: count }, (_, i) => bytes(ip4(`10.0.0.${i}`), ip4('192.0.2.1'), [100, 4], [1, 4]))))]);
const WITHDRAWAL = ipfix([set(2, bytes([256, 2], [0, 2]))]);

describe('IPFIX over TCP', () => {
  test('messages in one piece, in many, or several in one', async () => {
    const behind = await new Behind().start();
    const socket = await dial(behind.port);
    socket.write(Buffer.concat([TEMPLATE, data(10), data(20)]));
    const last = data(30);
    for (let at = 0; at < last.length; at += 7) socket.write(last.subarray(at, at + 7));
    await until(() => behind.flows === 60);
    expect([behind.messages, behind.faults]).toEqual([4, []]);
    expect(behind.peers).toMatchObject([{ address: '127.0.0.1', port: socket.localPort }]);
    socket.end();
    await until(() => behind.ended.length === 1);
  });

  test('each connection has templates of its own, even from one address (RFC 7011 section 8)', async () => {
    const behind = await new Behind().start();
    const [one, two] = [await dial(behind.port), await dial(behind.port)];
    one.write(TEMPLATE);
    await until(() => behind.messages === 1);
    two.write(OTHER);
    await until(() => behind.messages === 2);
    one.write(data(5));
    await until(() => behind.messages === 3);
    expect([behind.flows, behind.faults]).toEqual([5, []]);
    two.write(WITHDRAWAL);
    await until(() => behind.messages === 4);
    one.write(data(5));
    await until(() => behind.flows === 10);
    expect(behind.faults).toEqual([]);
    one.destroy();
    two.destroy();
  });

  test('they end with it: a new connection begins with none', async () => {
    const behind = await new Behind().start();
    const first = await dial(behind.port);
    first.write(Buffer.concat([TEMPLATE, data(1)]));
    await until(() => behind.flows === 1);
    first.destroy();
    await until(() => behind.ended.length === 1);
    expect(behind.decoder.templates.size).toBe(0);
    const second = await dial(behind.port);
    second.write(data(1));
    await until(() => behind.faults.length === 1);
    expect([behind.faults, behind.flows]).toEqual([['template_missing'], 1]);
    second.destroy();
  });

  test.each([
    ['a length below that of a header', Buffer.from('000a0008000000000000000000000000', 'hex')],
    ['another version', Buffer.from('00090010000000000000000000000000', 'hex')],
  ])('%s ends the connection, counted; the others go on', async (_, wrong) => {
    const behind = await new Behind().start();
    const [good, bad] = [await dial(behind.port), await dial(behind.port)];
    bad.write(Buffer.concat([TEMPLATE, wrong, data(3)]));
    await once(bad, 'close');
    good.write(Buffer.concat([TEMPLATE, data(3)]));
    await until(() => behind.flows === 3);
    expect([behind.faults, behind.receiver.counts.broken, behind.receiver.counts.open]).toEqual([['bad_message'], 1, 1]);
    good.destroy();
  });

  test('further connections than allowed are refused, and counted', async () => {
    const behind = await new Behind({ maxConnections: 2 }).start();
    const allowed = [await dial(behind.port), await dial(behind.port)];
    await until(() => behind.receiver.counts.open === 2);
    const third = await dial(behind.port);
    await once(third, 'close');
    expect(behind.receiver.counts).toMatchObject({ open: 2, refused: 1 });
    allowed[0].destroy();
    await until(() => behind.receiver.counts.open === 1);
    const again = await dial(behind.port);
    again.write(Buffer.concat([TEMPLATE, data(1)]));
    await until(() => behind.flows === 1);
    for (const socket of [...allowed, again]) socket.destroy();
  });

  test('a silent connection is closed after a time', async () => {
    const behind = await new Behind({ idleMs: 50 }).start();
    const silent = await dial(behind.port);
    await once(silent, 'close');
    expect(behind.receiver.counts.idle).toBe(1);
  });

  test('while the log is slow the exporter waits, and nothing is lost', async () => {
    const behind = await new Behind().start();
    const socket = await dial(behind.port);
    behind.busy = true;
    socket.write(TEMPLATE);
    await until(() => behind.messages === 1);
    for (let i = 0; i < 2000; i++) socket.write(data(60));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(behind.flows).toBeLessThan(2000 * 60);
    behind.busy = false;
    await until(() => behind.flows === 2000 * 60);
    socket.destroy();
  });

  test('a port in use ends the start with an error that names its key', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const behind = new Behind({ endpoints: [{ address: '127.0.0.1', port, key: 'collector.ipfixTcpPort', transport: 'tcp' }] });
    await expect(behind.start()).rejects.toMatchObject({ code: 'NW_PORT_IN_USE', message: expect.stringContaining(`${port} (collector.ipfixTcpPort)`) });
    other.close();
  });

  const python = process.env.PYTHON ?? 'python3';
  const hasIpfix = spawnSync(python, ['-c', 'import ipfix']).status === 0;
  (hasIpfix ? test : test.skip)('a writer of others: the package ipfix of PyPI (needs it; PYTHON names the interpreter)', async () => {
    const behind = await new Behind().start();
    const script = `
import ipfix, socket, ipaddress, datetime
ipfix.ie.use_iana_default()
s = socket.create_connection(("127.0.0.1", ${behind.port}))
stream = s.makefile("wb")
tmpl = ipfix.template.from_ielist(256, ipfix.ie.spec_list(("sourceIPv4Address", "destinationIPv4Address", "octetDeltaCount", "packetDeltaCount", "wlanSSID")))
b = ipfix.message.MessageBuffer()
b.begin_export(7)
b.add_template(tmpl)
b.export_new_set(256)
def flush():
    b.write_message(stream)
for i in range(100):
    try:
        b.export_namedict({"sourceIPv4Address": ipaddress.ip_address("10.1.0.%d" % i), "destinationIPv4Address": ipaddress.ip_address("192.0.2.9"), "octetDeltaCount": 1000 + i, "packetDeltaCount": i, "wlanSSID": "net-%d" % i})
    except ipfix.message.EndOfMessage:
        flush(); b.begin_export(7); b.export_new_set(256)
        b.export_namedict({"sourceIPv4Address": ipaddress.ip_address("10.1.0.%d" % i), "destinationIPv4Address": ipaddress.ip_address("192.0.2.9"), "octetDeltaCount": 1000 + i, "packetDeltaCount": i, "wlanSSID": "net-%d" % i})
flush(); stream.flush(); s.shutdown(socket.SHUT_WR); s.close()
`;
    execFileSync(python, ['-c', script]);
    await until(() => behind.ended.length === 1);
    expect([behind.flows, behind.faults]).toEqual([100, []]);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
(hasOpenssl ? describe : describe.skip)(`IPFIX over TLS${hasOpenssl ? '' : ' (needs openssl for certificates)'}`, () => {
  const file = (name: string): string => join(folder, name);
  const read = (name: string): Buffer => readFileSync(file(name));
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });

  beforeAll(() => {
    for (const authority of ['ca', 'stranger']) openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${authority}`, '-keyout', `${authority}.key`, '-out', `${authority}.pem`);
    for (const [name, authority] of [['collector', 'ca'], ['exporter', 'ca'], ['intruder', 'stranger']]) {
      writeFileSync(file(`${name}.ext`), `subjectAltName=DNS:${name}.example,IP:127.0.0.1\n`);
      openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
      openssl('x509', '-req', '-in', `${name}.csr`, '-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.pem`);
    }
  });
  const identity = (clientCertificates = true) => ({ cert: read('collector.pem'), key: read('collector.key'), ca: clientCertificates ? read('ca.pem') : undefined, clientCertificates });
  const as = (name: string | null): ConnectionOptions => ({ ca: read('ca.pem'), ...(name && { cert: read(`${name}.pem`), key: read(`${name}.key`) }) });

  /** Sends over TLS; resolves when the connection has ended, with what it ended by. */
  async function send(port: number, options: ConnectionOptions, content: Buffer): Promise<Error | null> {
    const socket = connectTls({ host: '127.0.0.1', port, ...options });
    let failed: Error | null = null;
    socket.on('error', (error) => (failed = error));
    socket.on('secureConnect', () => socket.end(content));
    await once(socket, 'close').catch(() => undefined);
    return failed;
  }

  test('an exporter whose certificate the authority signed', async () => {
    const behind = await new Behind({ tls: identity() }).start();
    expect(await send(behind.port, as('exporter'), Buffer.concat([TEMPLATE, data(12)]))).toBeNull();
    await until(() => behind.ended.length === 1);
    expect([behind.flows, behind.faults]).toEqual([12, []]);
  });

  test.each([['without a certificate', null], ['with one of a stranger', 'intruder']])('%s nobody exports, and it is counted', async (_, name) => {
    const behind = await new Behind({ tls: identity() }).start();
    await send(behind.port, as(name), Buffer.concat([TEMPLATE, data(1)]));
    await until(() => behind.receiver.counts.tlsFailed === 1);
    expect([behind.messages, behind.receiver.counts.accepted]).toEqual([0, 0]);
    expect(behind.refusals[0]).toMatch(/^tls /);
  });

  test('without certificates of clients anybody exports where that is set', async () => {
    const behind = await new Behind({ tls: identity(false) }).start();
    await send(behind.port, as(null), Buffer.concat([TEMPLATE, data(3)]));
    await until(() => behind.flows === 3);
  });

  test('plain TCP on its port is refused, and counted', async () => {
    const behind = await new Behind({ tls: identity() }).start();
    const socket = await dial(behind.port);
    socket.write(TEMPLATE);
    await once(socket, 'close');
    expect([behind.receiver.counts.tlsFailed, behind.messages]).toEqual([1, 0]);
  });

  test('openssl s_client sends as any exporter', async () => {
    const behind = await new Behind({ tls: identity() }).start();
    const client = spawn('openssl', ['s_client', '-quiet', '-connect', `127.0.0.1:${behind.port}`, '-CAfile', file('ca.pem'), '-cert', file('exporter.pem'), '-key', file('exporter.key')], { stdio: ['pipe', 'ignore', 'ignore'] });
    client.stdin.write(Buffer.concat([TEMPLATE, data(9)]));
    await until(() => behind.flows === 9);
    client.kill();
    await once(client, 'exit');
  });

  test('a key that does not belong to the certificate is a wrong configuration', async () => {
    await expect(new Behind({ tls: { ...identity(), key: read('exporter.key') } }).start()).rejects.toMatchObject({ code: 'NW_CONFIG_INVALID' });
  });
});
