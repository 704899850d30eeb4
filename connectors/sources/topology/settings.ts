import type { Configuration } from '../../../infra/config/configuration';
import { flag, list, map, section, whole, type Key } from '../../../infra/config/section';
import type { SecretReference } from '../snmp/credentials';

/** A feed of topologies. */
export interface FeedSettings {
  /** `wss://…`, or `ws://…`. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: SecretReference;
  /** File with certificates of authorities, PEM, that are trusted for it instead of the system's. */
  readonly ca?: string;
}

const FEED_ALLOWED = '`url` (ws:// or wss://, without user and password), and perhaps `token` (`env:NAME` or `file:/path`), `ca` (a file)';

const feed: Key<FeedSettings> = {
  doc: 'A feed.',
  default: { url: '' },
  allowed: FEED_ALLOWED,
  secret: false,
  parse(value) {
    const given = (typeof value === 'string' ? { url: value } : value) as Record<string, unknown> | null;
    if (given === null || typeof given !== 'object' || Array.isArray(given)) throw new Error(FEED_ALLOWED);
    const { url, token, ca, ...others } = given;
    const isTextOrNone = (text: unknown): text is string | undefined => text === undefined || (typeof text === 'string' && text !== '');
    if (typeof url !== 'string' || !isTextOrNone(token) || !isTextOrNone(ca) || Object.keys(others).length > 0) throw new Error(FEED_ALLOWED);
    if (token !== undefined && !/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/.test(token)) throw new Error(FEED_ALLOWED);
    const { protocol, username, password } = new URL(url);
    if (!/^wss?:$/.test(protocol) || username !== '' || password !== '') throw new Error(FEED_ALLOWED);
    return { url, ...(token === undefined ? {} : { token: token as SecretReference }), ...(ca === undefined ? {} : { ca }) };
  },
};

/** Keys of the sources of topology. */
export const topologySection = section('topology', 'Where the topology of the network comes from; docs/topology.md has the formats.', {
  files: list({ doc: 'Files: GraphML, GML, SNDlib (.xml), YAML, JSON, each also .gz. They are read again when they change.', default: [] }),
  fileSeconds: whole({ doc: 'How often files are looked at. Seconds.', default: 5, min: 1, max: 3600 }),
  feeds: map({ doc: 'Feeds of snapshots and changes over WebSocket, by name: `inventory: { url: wss://…, token: file:/run/secrets/…, ca: /etc/…/ca.pem }`.', default: {}, of: feed, name: 'names' }),
  feedSilenceSeconds: whole({ doc: 'A feed that sends nothing, not even an answer to a ping, for so long is connected anew. Seconds.', default: 60, min: 2, max: 3600 }),
  maxBackoffSeconds: whole({ doc: 'A feed that cannot be reached is tried at growing intervals up to this. Seconds.', default: 60, min: 1, max: 3600 }),
  maxMessageMiB: whole({ doc: 'A feed that sends a larger message is cut off and connected anew. MiB.', default: 32, min: 1, max: 512 }),
  maxElements: whole({ doc: 'Most elements of a source; a snapshot with more is refused whole, what is added beyond is counted and left.', default: 200_000, min: 1, max: 10_000_000 }),
  lldp: flag({ doc: 'Asks the devices of snmp.devices for their neighbours (LLDP-MIB, IEEE 802.1AB), with their credentials there.', default: false }),
  lldpSeconds: whole({ doc: 'How often a device is asked for its neighbours. Seconds.', default: 300, min: 1, max: 86_400 }),
  lldpHoldSeconds: whole({ doc: 'What a device said last holds for so long while it does not answer. Seconds.', default: 3600, min: 1, max: 604_800 }),
  dryRun: flag({ doc: 'Prints events on standard output, one JSON object a line, and writes nothing to the log.', default: false }),
});

/** True where there is a source. */
export function hasTopologySources(config: Configuration): boolean {
  const { files, feeds, lldp } = config.get(topologySection);
  return files.length > 0 || Object.keys(feeds).length > 0 || lldp;
}
