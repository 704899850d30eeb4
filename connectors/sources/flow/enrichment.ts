/**
 * What flows are enriched with: files that the operator gives, read at the start and again when they change. A file that cannot be read
 * when the collector starts ends it; later the one before stays in use, is counted and told. A failed lookup never drops a flow.
 */
import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import { countryOf, MmdbTable, systemOf } from '../../../domain/enrich/mmdb';
import { Places, SITE_BYTES, type Place, type PlaceSources } from '../../../domain/enrich/places';
import { parsePrefix, type Prefix } from '../../../domain/flow/prefix';
import type { Configuration } from '../../../infra/config/configuration';
import { choice, map, section, text, whole } from '../../../infra/config/section';
import { NetWeaverError } from '../../../infra/errors';
import type { Telemetry } from '../../../infra/telemetry/telemetry';

/** Keys of `enrich`. */
export const enrichSection = section('enrich', 'What flows are enriched with when they are received: autonomous systems, countries, sites. Events keep what was known then.', {
  asnFile: text({ doc: 'Database of autonomous systems in MaxMind\'s format (GeoLite2-ASN.mmdb and alike); none where empty.', default: '' }),
  countryFile: text({ doc: 'Database of countries in MaxMind\'s format (GeoLite2-Country.mmdb, -City.mmdb and alike); none where empty.', default: '' }),
  prefixes: map({ doc: 'Sites by prefix, e.g. `10.1.0.0/16: Hamburg`; the longest prefix counts. At most 63 bytes each.', default: {}, of: text({ doc: 'Name of the site.', default: '' }), name: 'prefixes' }),
  prefixFile: text({ doc: 'YAML file with further prefixes: a list of `{prefix, site, country, as}`, each but the prefix may be left out; none where empty.', default: '' }),
  prefer: choice({ doc: 'Whose autonomous systems and prefix lengths count where both are known: the exporter\'s, or those of the files and prefixes here.', default: 'exporter', of: ['exporter', 'file'] }),
  reloadSeconds: whole({ doc: 'How often it is looked whether a file has changed. Seconds.', default: 60, min: 1, max: 86_400 }),
});

interface Line extends Prefix {
  readonly place: Place;
}

/** Its metrics. */
export const enrichmentMetrics = (telemetry: Telemetry) => ({
  damaged: telemetry.counter('collector_enrichment_damaged_records', 'Records of the databases of the section enrich that cannot be decoded; flows go on without them.'),
  reloads: telemetry.counter('collector_enrichment_reloads', 'Times that changed files of the section enrich were read again, by result.', ['result']),
});

/** Keeps {@link Places} up to date with the files. */
export class Enrichment {
  readonly places: Places;
  private readonly settings;
  private readonly metrics;
  private changed: string;
  private readonly damaged: () => void;
  private timer: NodeJS.Timeout | null = null;

  private constructor(
    config: Configuration,
    private readonly telemetry: Telemetry,
  ) {
    this.settings = config.get(enrichSection);
    this.changed = this.stamps();
    this.metrics = enrichmentMetrics(telemetry);
    this.damaged = () => this.metrics.damaged.inc();
    this.places = new Places(this.read(), this.settings.prefer === 'file');
  }

  /** Null where nothing is configured. @throws NW_CONFIG_INVALID a file that cannot be read, or is not what it should be */
  static open(config: Configuration, telemetry: Telemetry): Enrichment | null {
    const { asnFile, countryFile, prefixes, prefixFile } = config.get(enrichSection);
    return asnFile === '' && countryFile === '' && prefixFile === '' && Object.keys(prefixes).length === 0 ? null : new Enrichment(config, telemetry);
  }

  /** Looks after the files from now on. */
  start(): void {
    this.timer = setInterval(() => this.look(), this.settings.reloadSeconds * 1000);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  /** Reads the files again where one has changed. */
  look(): void {
    const stamps = this.stamps();
    if (stamps === this.changed) return;
    this.changed = stamps;
    const counter = this.metrics.reloads;
    try {
      this.places.load(this.read());
      counter.inc({ result: 'loaded' });
      this.telemetry.logger.info('files of the section enrich have changed and were read again');
    } catch (error) {
      counter.inc({ result: 'failed' });
      this.telemetry.logger.error({ code: (error as NetWeaverError).code, error: (error as Error).message }, 'files of the section enrich have changed and cannot be used; those before stay in use');
    }
  }

  private stamps(): string {
    const { asnFile, countryFile, prefixFile } = this.settings;
    return [asnFile, countryFile, prefixFile]
      .filter((path) => path !== '')
      .map((path) => {
        const stat = statSync(path, { throwIfNoEntry: false });
        return stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
      })
      .join(', ');
  }

  private read(): PlaceSources {
    const { asnFile, countryFile, prefixFile, prefixes } = this.settings;
    return {
      systems: asnFile === '' ? null : reading('enrich.asnFile', asnFile, (bytes) => new MmdbTable(bytes, systemOf, 0, this.damaged)),
      countries: countryFile === '' ? null : reading('enrich.countryFile', countryFile, (bytes) => new MmdbTable(bytes, countryOf, '', this.damaged)),
      prefixes: [
        ...(prefixFile === '' ? [] : reading('enrich.prefixFile', prefixFile, (bytes) => linesOf(parse(bytes.toString('utf8'))))),
        ...Object.entries(prefixes).map(([prefix, site]) => valid('enrich.prefixes', () => lineOf({ prefix, site }))),
      ],
    };
  }
}

function valid<T>(key: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new NetWeaverError('NW_CONFIG_INVALID', `${key}: ${(error as Error).message}.`, { cause: error });
  }
}

const reading = <T>(key: string, path: string, make: (bytes: Buffer) => T): T => valid(`${key} (${path})`, () => make(readFileSync(path)));

function linesOf(value: unknown): Line[] {
  if (!Array.isArray(value)) throw new Error('it must be a list of {prefix, site, country, as}');
  return value.map((line: unknown, i) => {
    try {
      return lineOf((line ?? {}) as Record<string, unknown>);
    } catch (error) {
      throw new Error(`entry ${i + 1}: ${(error as Error).message}`, { cause: error });
    }
  });
}

function lineOf({ prefix, site, country, as, ...rest }: Record<string, unknown>): Line {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`'${unknown}' is none of prefix, site, country, as`);
  if (typeof prefix !== 'string') throw new Error('it has no prefix');
  if (site !== undefined && (typeof site !== 'string' || Buffer.byteLength(site) > SITE_BYTES)) throw new Error(`the site of ${prefix} is no text of at most ${SITE_BYTES} bytes`);
  if (country !== undefined && (typeof country !== 'string' || !/^[A-Z]{2}$/.test(country))) throw new Error(`the country of ${prefix} is no code of two capital letters (ISO 3166-1)`);
  if (as !== undefined && (!Number.isInteger(as) || (as as number) < 1 || (as as number) >= 2 ** 32)) throw new Error(`the system of ${prefix} is no number from 1 to 4294967295`);
  return { ...parsePrefix(prefix), place: { site: site as string | undefined, country: country as string | undefined, as: as as number | undefined } };
}
