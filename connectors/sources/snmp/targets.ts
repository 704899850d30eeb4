/** Which devices are polled, and how each is: the device's own settings, those of the prefixes that it lies in, the section's. */
import { lookup } from 'node:dns/promises';
import type { ValuesOf } from '../../../infra/config/section';
import { NetWeaverError } from '../../../infra/errors';
import { formatIpRow, formatIpv4 } from '../../../schemas/ip';
import { resolveCredentials, type Credentials } from './credentials';
import { PollError } from './poll-error';
import { isWithin, parseAddress, parsePrefix, type Prefix } from '../../../domain/flow/prefix';
import { isPrefix, type DeviceSettings, type snmpSection } from './settings';

/** Values of the section `snmp`. */
export type SnmpSettings = ValuesOf<typeof snmpSection>;

/** A device to poll. */
export interface Target {
  /** As it stands in the configuration, or the exporter's address. */
  readonly name: string;
  /** Where it is asked: an address or a name. */
  readonly host: string;
  /** The address that its events bear; null: the one that `host` leads to. */
  readonly device: string | null;
  readonly credentials: Credentials;
  readonly port: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly maxRepetitions: number;
}

/** The configured devices, and what holds for an exporter that is none of them. */
export class Targets {
  /** The devices that the configuration names. */
  readonly configured: readonly Target[];
  private readonly prefixes: readonly { readonly key: string; readonly prefix: Prefix; readonly settings: DeviceSettings }[];
  private readonly addresses: ReadonlySet<string>;

  /** @throws NW_CONFIG_INVALID credentials that are not there, or a secret that cannot be read */
  constructor(private readonly settings: SnmpSettings) {
    const entries = Object.entries(settings.devices);
    this.prefixes = entries
      .filter(([key]) => isPrefix(key))
      .map(([key, own]) => ({ key, prefix: parsePrefix(key), settings: own }))
      .sort((a, b) => b.prefix.bits - a.prefix.bits);
    const devices = entries.filter(([key]) => !isPrefix(key));
    const slashed = devices.find(([key]) => key.includes('/'));
    if (slashed !== undefined) throw new NetWeaverError('NW_CONFIG_INVALID', `snmp.devices: ${slashed[0]} is no prefix.`);
    this.configured = devices.map(([name, own]) => this.target(name, own));
    this.addresses = new Set(this.configured.flatMap(({ host, device }) => [canonical(host), device ?? '']));
    for (const { name, credentials } of [...this.configured, ...this.prefixes.map(({ key, settings: own }) => this.target(key, own))]) this.check(name, credentials);
  }

  /**
   * How an exporter is polled. Null where the configuration names a device of that address, or no prefix that it lies in: anyone can send
   * flows from any address, and is not to be sent a community for it.
   */
  exporter(address: string): Target | null {
    const bytes = parseAddress(address);
    const isWelcome = bytes !== null && this.prefixes.some(({ prefix }) => isWithin(bytes, prefix));
    return isWelcome && !this.addresses.has(canonical(address)) ? this.target(address, {}) : null;
  }

  private target(name: string, own: DeviceSettings): Target {
    const host = own.address ?? name;
    const address = parseAddress(host);
    const within = address === null ? [] : this.prefixes.filter(({ prefix }) => isWithin(address, prefix));
    const of = <K extends keyof DeviceSettings>(key: K): DeviceSettings[K] | undefined => own[key] ?? within.find(({ settings }) => settings[key] !== undefined)?.settings[key];
    const { settings } = this;
    const credentialsName = of('credentials') ?? settings.defaultCredentials;
    if (!Object.hasOwn(settings.credentials, credentialsName)) throw new NetWeaverError('NW_CONFIG_INVALID', `snmp.devices: ${name} needs the credentials '${credentialsName}', which are not in snmp.credentials.`);
    return {
      name,
      host,
      device: own.exporter === undefined ? null : canonical(own.exporter),
      credentials: settings.credentials[credentialsName],
      port: of('port') ?? settings.port,
      intervalMs: (of('intervalSeconds') ?? settings.intervalSeconds) * 1000,
      timeoutMs: of('timeoutMs') ?? settings.timeoutMs,
      retries: of('retries') ?? settings.retries,
      maxRepetitions: of('maxRepetitions') ?? settings.maxRepetitions,
    };
  }

  private check(name: string, credentials: Credentials): void {
    try {
      resolveCredentials(credentials);
    } catch (error) {
      throw new NetWeaverError('NW_CONFIG_INVALID', `snmp.devices: the credentials of ${name}: ${(error as Error).message}.`);
    }
  }
}

/** An address in the form that events have it; other text as it is. */
export function canonical(text: string): string {
  const bytes = parseAddress(text);
  if (bytes === null) return text;
  return bytes.length === 4 ? formatIpv4(bytes) : formatIpRow(bytes);
}

/** The address of a host. @throws PollError `unresolved` */
export async function addressOf(host: string): Promise<string> {
  if (parseAddress(host) !== null) return canonical(host);
  try {
    return canonical((await lookup(host)).address);
  } catch (error) {
    throw new PollError('unresolved', (error as NodeJS.ErrnoException).code ?? 'no address');
  }
}
