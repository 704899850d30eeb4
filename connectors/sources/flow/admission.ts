/** Admission and anonymisation as configured. */
import { readFileSync } from 'node:fs';
import { Admission } from '../../../domain/flow/admission';
import { Anonymiser, KEY_BYTES } from '../../../domain/flow/anonymise';
import { parsePrefix, type Prefix } from '../../../domain/flow/prefix';
import type { ValuesOf } from '../../../infra/config/section';
import { NetWeaverError } from '../../../infra/errors';
import type { collectorSection } from './settings';

type Settings = ValuesOf<typeof collectorSection>;

/** Null where every datagram is taken. @throws NW_CONFIG_INVALID */
export function admissionOf({ exporters, flowsPerSecond, flowsPerSecondOf }: Settings): Admission | null {
  const limits = {
    exporters: exporters.map((text) => prefix('collector.exporters', text)),
    flowsPerSecond,
    flowsPerSecondOf: Object.entries(flowsPerSecondOf).map(([text, limit]) => ({ ...prefix('collector.flowsPerSecondOf', text), limit })),
  };
  return Admission.admitsAll(limits) ? null : new Admission(limits);
}

function prefix(key: string, text: string): Prefix {
  try {
    return parsePrefix(text);
  } catch (error) {
    throw new NetWeaverError('NW_CONFIG_INVALID', `${key}: ${(error as Error).message}; allowed are IPv4 and IPv6 addresses and prefixes.`);
  }
}

/** Null where addresses stay as they are. The key is read here and kept nowhere else. @throws NW_CONFIG_INVALID, without a word of the key */
export function anonymiserOf({ anonymiseKey }: Settings): Anonymiser | null {
  if (anonymiseKey === '') return null;
  const refuse = (why: string): never => {
    throw new NetWeaverError('NW_CONFIG_INVALID', `collector.anonymiseKey: ${why}; it must be env:NAME or file:/path of a key of ${KEY_BYTES} bytes, raw or as ${2 * KEY_BYTES} hexadecimal digits.`);
  };
  const [, kind, name] = /^(env|file):(.+)$/.exec(anonymiseKey) ?? refuse('it is no reference');
  let bytes: Buffer;
  if (kind === 'env') bytes = Buffer.from(process.env[name] ?? refuse(`the environment has no ${name}`));
  else {
    try {
      bytes = readFileSync(name);
    } catch {
      bytes = refuse(`${name} cannot be read`);
    }
  }
  const text = bytes.toString('latin1').trim();
  const key = new RegExp(`^[0-9a-fA-F]{${2 * KEY_BYTES}}$`).test(text) ? Buffer.from(text, 'hex') : bytes;
  return key.length === KEY_BYTES ? new Anonymiser(key) : refuse(`the key has ${key.length} bytes`);
}
