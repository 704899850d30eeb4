/** What exporters call their samplers, VRFs and applications in options data. */
import type { OptionValue } from '../../../domain/flow/options';
import type { ExporterName, NamedKind } from '../../../schemas';
import { nameOf, News } from './news';

/** Elements by their names: what tells the id, the name and the description of a kind; the first that a record has. */
const KINDS: readonly { readonly kind: NamedKind; readonly ids: readonly string[]; readonly names: readonly string[]; readonly description?: string }[] = [
  { kind: 'SAMPLER', ids: ['samplerId', 'selectorId'], names: ['samplerName', 'selectorName'] },
  { kind: 'VRF', ids: ['ingressVRFID', 'egressVRFID'], names: ['VRFname'] },
  { kind: 'APPLICATION', ids: ['applicationId'], names: ['applicationName'], description: 'applicationDescription' },
];

/** Turns options data into names that are news. Knows `limit` names. */
export class ExporterNames {
  private readonly news: News;

  constructor(limit = 65_536) {
    this.news = new News(limit);
  }

  /** A record of options data; null where it names nothing of the kind, or nothing new. */
  options(device: string, values: Readonly<Record<string, OptionValue>>, time: number): ExporterName | null {
    for (const { kind, ids, names, description } of KINDS) {
      const name = nameOf(values[names.find((element) => values[element] !== undefined) ?? '']);
      if (name === '') continue;
      const id = values[ids.find((element) => values[element] !== undefined) ?? ''];
      if (device === '' || (typeof id !== 'number' && typeof id !== 'string')) return null;
      const told: ExporterName = { device, kind, id: String(id), name, description: description === undefined ? '' : nameOf(values[description]), time };
      return this.news.is(exporterNameKey(told), JSON.stringify([name, told.description]), time) ? told : null;
    }
    return null;
  }
}

/** The key on the topic. */
export const exporterNameKey = ({ device, kind, id }: Pick<ExporterName, 'device' | 'kind' | 'id'>): string => `${device}/${kind}/${id}`;
