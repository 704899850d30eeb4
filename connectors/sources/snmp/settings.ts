import type { Configuration } from '../../../infra/config/configuration';
import { flag, map, section, text, whole, type Key } from '../../../infra/config/section';
import { CREDENTIALS_ALLOWED, parseCredentials, type Credentials } from './credentials';
import { parseAddress, parsePrefix } from '../../../domain/flow/prefix';

/** What the configuration says of one device, or of all within a prefix; what it does not say is as the section says. */
export interface DeviceSettings {
  /** Name in `snmp.credentials`. */
  readonly credentials?: string;
  /** Where it is asked, if not where its key says: an address or a name. */
  readonly address?: string;
  /** The address that its flows come from, if another than that where it is asked. */
  readonly exporter?: string;
  readonly port?: number;
  readonly intervalSeconds?: number;
  readonly timeoutMs?: number;
  readonly retries?: number;
  readonly maxRepetitions?: number;
}

const port = whole({ doc: 'UDP port of the agents.', default: 161, min: 1, max: 65_535 });
const intervalSeconds = whole({ doc: 'Time between two polls of a device, a tenth more or less. Seconds.', default: 60, min: 1, max: 86_400 });
const timeoutMs = whole({ doc: 'How long an answer is waited for. Milliseconds.', default: 2000, min: 10, max: 60_000 });
const retries = whole({ doc: 'How often a request without an answer is sent again.', default: 2, min: 0, max: 10 });
const maxRepetitions = whole({ doc: 'Rows asked for in one request (GETBULK); an agent gives what fits.', default: 20, min: 1, max: 1000 });

const NUMBERS: Readonly<Record<string, Key<number>>> = { port, intervalSeconds, timeoutMs, retries, maxRepetitions };
const TEXTS = new Set(['credentials', 'address', 'exporter']);
const DEVICE_ALLOWED = 'the name of credentials, or some of `credentials`, `address`, `exporter` (an IP address), `port`, `intervalSeconds`, `timeoutMs`, `retries`, `maxRepetitions`';

const device: Key<DeviceSettings> = {
  doc: 'A device.',
  default: {},
  allowed: DEVICE_ALLOWED,
  secret: false,
  parse(value) {
    if (value === null || value === undefined || value === '') return {};
    if (typeof value === 'string') return { credentials: value };
    if (typeof value !== 'object' || Array.isArray(value)) throw new Error(DEVICE_ALLOWED);
    return Object.fromEntries(
      Object.entries(value).map(([name, given]) => {
        if (Object.hasOwn(NUMBERS, name)) return [name, NUMBERS[name].parse(given)];
        const known = TEXTS.has(name) && typeof given === 'string' && given !== '';
        if (!known || (name === 'exporter' && parseAddress(given) === null)) throw new Error(DEVICE_ALLOWED);
        return [name, given];
      }),
    );
  },
};

const credentials: Key<Credentials> = { doc: 'Credentials.', default: { community: 'env:SNMP_COMMUNITY' }, allowed: CREDENTIALS_ALLOWED, secret: true, parse: parseCredentials };

/** True where a key of `snmp.devices` is a prefix: settings for the devices within, not a device. */
export function isPrefix(key: string): boolean {
  if (!key.includes('/')) return false;
  try {
    return parsePrefix(key).bits >= 0;
  } catch {
    return false;
  }
}

/** Keys of the SNMP poller. */
export const snmpSection = section('snmp', 'The poller of interface and device counters by SNMP v2c and v3.', {
  devices: map({
    doc: 'Devices to poll, by address or name, e.g. `192.0.2.1: core`; a prefix, e.g. `192.0.2.0/24`, is no device: it sets what holds for those within, the longest first.',
    default: {},
    of: device,
    name: 'addresses, names or prefixes',
  }),
  exporters: flag({ doc: 'Polls also the exporters that send flows, as far as they lie within a prefix of snmp.devices.', default: false }),
  credentials: map({ doc: 'Credentials by name; see connectors/sources/snmp/README.md.', default: {}, of: credentials, name: 'names', secret: true }),
  defaultCredentials: text({ doc: 'Name of the credentials of devices that name none.', default: 'default' }),
  port,
  intervalSeconds,
  timeoutMs,
  retries,
  maxRepetitions,
  concurrency: whole({ doc: 'Devices asked at the same time; as many again among those that did not answer last time.', default: 32, min: 1, max: 1024 }),
  pollLimitSeconds: whole({ doc: 'A poll that takes longer is ended. Seconds.', default: 60, min: 1, max: 3600 }),
  maxBackoffSeconds: whole({ doc: 'A device that does not answer is asked at growing intervals up to this. Seconds.', default: 600, min: 1, max: 86_400 }),
  maxInterfaces: whole({ doc: 'Most rows that are read of a table of a device.', default: 50_000, min: 1, max: 1_000_000 }),
  restateMinutes: whole({ doc: 'What did not change is told again on interfaces.state after this time. Minutes.', default: 60, min: 1, max: 10_080 }),
});

/** True where there is something to poll. */
export function hasDevices(config: Configuration): boolean {
  const { devices, exporters } = config.get(snmpSection);
  return Object.keys(devices).some((key) => exporters || !isPrefix(key));
}
