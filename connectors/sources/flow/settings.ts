import { TUNNEL_MODES } from '../../../domain/flow/tunnels';
import { choice, flag, list, map, section, text, whole } from '../../../infra/config/section';

const portOf = (protocol: string, usual: number) =>
  whole({ doc: `UDP port for ${protocol}; each port takes all protocols. 0 lets the system choose, -1 listens to none.`, default: usual, min: -1, max: 65535 });
const rate = whole({ doc: 'Packets that each exported packet stands for.', default: 1, min: 1, max: 2 ** 31 - 1 });

/** Keys of the flow collector. */
export const collectorSection = section('collector', 'The collector of NetFlow v5, NetFlow v9, IPFIX and sFlow v5.', {
  addresses: list({ doc: 'Local addresses to listen on, IPv4 and IPv6; `0.0.0.0` and `::` are all of them.', default: ['0.0.0.0', '::'] }),
  netflowPort: portOf('NetFlow v5 and v9', 2055),
  ipfixPort: portOf('IPFIX', 4739),
  sflowPort: portOf('sFlow', 6343),
  ipfixTcpPort: whole({ doc: 'Port for IPFIX over TCP (RFC 7011 section 10.4; usually 4739). 0 lets the system choose, -1 listens to none.', default: -1, min: -1, max: 65535 }),
  ipfixTlsPort: whole({ doc: 'Port for IPFIX over TLS (usually 4740). 0 lets the system choose, -1 listens to none.', default: -1, min: -1, max: 65535 }),
  ipfixTlsCert: text({ doc: 'PEM file with the certificate that the collector shows on collector.ipfixTlsPort, and those between it and an authority.', default: '' }),
  ipfixTlsKey: text({ doc: 'PEM file with the key of collector.ipfixTlsCert.', default: '' }),
  ipfixTlsCa: text({ doc: 'PEM file with the authorities that sign exporters\' certificates.', default: '' }),
  ipfixTlsClientCertificates: flag({ doc: 'An exporter on collector.ipfixTlsPort must show a certificate that collector.ipfixTlsCa signed. False: anybody who connects may export.', default: true }),
  ipfixConnections: whole({ doc: 'Connections of IPFIX over TCP and TLS at once; further ones are refused and counted. Each takes up to 64 KiB for a message that is not whole.', default: 256, min: 1, max: 65_536 }),
  ipfixIdleSeconds: whole({ doc: 'A connection on which nothing comes for so long is closed. 0: never. Seconds.', default: 3600, min: 0, max: 2_000_000 }),
  receiveBufferMiB: whole({ doc: 'Receive buffer asked for from the system for each socket. Linux gives at most net.core.rmem_max, unless the process has CAP_NET_ADMIN. MiB.', default: 25, min: 0, max: 1024 }),
  receiver: choice({ doc: 'How datagrams are read. `linux`: many with one system call, from time to time (Linux on x64 or arm64); `dgram`: one by one, as they come; `auto`: the first where it works.', default: 'auto', of: ['auto', 'linux', 'dgram'] }),
  workers: whole({ doc: 'Collectors that share the ports, each with a processor of its own: a process each on Kafka, a thread each on the embedded log. An exporter\'s datagrams always go to the same one, by its address. More than one needs the Linux receiver.', default: 1, min: 1, max: 64 }),
  receivePauseMs: whole({ doc: 'The Linux receiver looks for datagrams this often when few come, and more often under load; they wait in the receive buffer for so long. Milliseconds.', default: 20, min: 1, max: 200 }),
  samplingRates: map({ doc: 'Sampling rates by exporter address or prefix, e.g. `192.0.2.0/24: 1000`; they win over what exporters say. The longest prefix counts.', default: {}, of: rate, name: 'addresses or prefixes' }),
  defaultSamplingRate: whole({ doc: 'Sampling rate of flows about which nothing else is known. 0: not known (the flows are taken as unsampled).', default: 0, min: 0, max: 2 ** 31 - 1 }),
  exporters: list({ doc: 'Addresses and prefixes of the exporters that may send; datagrams of others are refused and counted. None: all may.', default: [] }),
  flowsPerSecond: whole({ doc: 'Most flows a second of one exporter. Where it sends more, some of its datagrams are left out and the sampling rate of the others is raised accordingly, so that sums stay right on average; templates, options and counters always come through. 0: no limit.', default: 0, min: 0, max: 1_000_000_000 }),
  flowsPerSecondOf: map({ doc: 'The same for exporters of these addresses and prefixes; the longest prefix counts.', default: {}, of: whole({ doc: 'Flows a second; 0: no limit.', default: 0, min: 0, max: 1_000_000_000 }), name: 'addresses or prefixes' }),
  anonymiseKey: text({ doc: 'Key for Crypto-PAn, as a reference `env:NAME` or `file:/path`: source, destination and inner addresses are anonymised before anything is stored, so that prefixes stay prefixes. 32 bytes, raw or hexadecimal. Empty: addresses stay as they are.', default: '' }),
  tunnels: choice({
    doc: 'What of a sampled packet in a packet (VXLAN, GENEVE, GRE, IP in IP, SRv6, MPLS, GTP-U, L2TP) makes the flow. `outer`: the outer packet, and nobody looks further. `both`: the outer packet, and the 5-tuple of the innermost with kind and identifier of its tunnel in `detail`. `inner`: the innermost IP packet, with its tunnel in `detail`. Bytes, VLAN and interfaces are always those on the wire.',
    default: 'outer',
    of: TUNNEL_MODES,
  }),
  extra: list({
    doc: 'Information elements that are kept beside the row, in its `detail.extra`, as text: names (`vlanId`, `cert.silkAppLabel`, `reverseOctetDeltaCount`), `ie<number>`, `<enterprise>.<number>`, or `*` for all that the row is not made of. At most 2 KiB a row.',
    default: [],
  }),
  elementFiles: list({ doc: "YAML files with information elements of vendors' enterprises, beside those that are known; an element may say which field of the row it fills.", default: [] }),
  batchKiB: whole({ doc: 'A batch of a partition that is larger goes to the log with the next datagram. KiB.', default: 192, min: 4, max: 512 }),
  batchMs: whole({ doc: 'A batch is older than this for no longer than it takes to hand it over. Milliseconds.', default: 200, min: 1, max: 60_000 }),
  inFlightMiB: whole({ doc: 'Batches handed to the log and not yet durable; where a slow log has them grow larger, further datagrams are dropped and counted. MiB.', default: 64, min: 1, max: 65_536 }),
  spoolMiB: whole({ doc: 'With Kafka: disk for batches that it does not take, in the folder `spool` of data.dir; they are delivered in order when it is back. Where there is no more room, the oldest are dropped and counted. 0: none. MiB.', default: 1024, min: 0, max: 16_777_216 }),
  spoolAfterMs: whole({ doc: 'A batch that Kafka has not acknowledged for this long goes to the spool, and all after it. (Half of collector.inFlightMiB waiting has the same effect.) Milliseconds.', default: 5000, min: 100, max: 600_000 }),
  templateMiB: whole({ doc: 'Memory for the templates and learnt sampling rates of all exporters. MiB.', default: 64, min: 1, max: 65_536 }),
  templatePerExporterKiB: whole({ doc: 'The share of one exporter address in it. KiB.', default: 4096, min: 16, max: 1_048_576 }),
  templateScope: choice({
    doc: 'What templates, sampling rates and sequence numbers belong to: `address`: the exporter\'s address; `address-and-port`: with its source port, where several exporters send from one address (behind NAT, several processes of one router). Sessions of TCP always have their own.',
    default: 'address',
    of: ['address', 'address-and-port'],
  }),
  templateTtlSeconds: whole({ doc: 'A template of UDP that its exporter has not sent again for this long is forgotten; at least three times its refresh interval (RFC 7011 section 8.4). 0: never; memory is bounded by collector.templateMiB, and a new definition takes the place of the old one anyway. Seconds.', default: 0, min: 0, max: 31_536_000 }),
  waitingMiB: whole({ doc: 'Memory for data that comes before its template; it is decoded when the template comes. Beyond it the oldest goes. 0: such data is skipped. MiB.', default: 16, min: 0, max: 65_536 }),
  waitingPerExporterKiB: whole({ doc: 'The share of one exporter address in it. KiB.', default: 2048, min: 16, max: 1_048_576 }),
  waitingSeconds: whole({ doc: 'Data that has waited for its template for this long is given up. Seconds.', default: 600, min: 1, max: 86_400 }),
  scaledExporters: list({ doc: 'Addresses and prefixes of exporters that multiply their counters by the sampling rate themselves: their flows have a samplingRate of 1, and their datagrams are marked as scaled. They win over collector.samplingRates.', default: [] }),
  healthSeconds: whole({ doc: 'How often what came and what was lost of each exporter is told on `collector.health`. Seconds.', default: 10, min: 1, max: 3600 }),
  streams: whole({ doc: 'Observation domains of exporters that are followed at once (loss, sampling, health); beyond them those go first that sent one datagram, the longest silent before the others.', default: 65_536, min: 16, max: 4_194_304 }),
  exporterLabels: whole({ doc: 'Exporters with an error metric of their own; further ones are counted together as `other`.', default: 256, min: 0, max: 100_000 }),
});
