import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { NetWeaverError, type ErrorCode } from '../errors';
import type { Configuration } from './configuration';
import { configurationVariables, environmentName, environmentNames, PREFIX } from './environment';
import type { Key, Section, ValuesOf } from './section';
import { nearest } from './spelling';

/** Name of the file that is read from the working directory where no path is given. */
export const DEFAULT_FILE = 'netweaver.yaml';

/** Where configuration comes from; later ones of file, environment and sets win. */
export interface Sources {
  readonly sections: readonly Section[];
  /** A file that must exist; without it {@link DEFAULT_FILE}, which need not. */
  readonly path?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Each `section.key=value`, from the command line. */
  readonly sets?: readonly string[];
}

/** A key with its effective value, for people. */
export interface EffectiveKey {
  readonly section: string;
  readonly key: string;
  readonly doc: string;
  readonly allowed: string;
  readonly default: unknown;
  /** `***` where the key is secret and set. */
  readonly value: unknown;
  /** `default`, `netweaver.yaml:12`, `environment NETWEAVER_…` or `--set`. */
  readonly origin: string;
  readonly environment: string;
}

interface Problem {
  readonly code: ErrorCode;
  readonly text: string;
}

interface Given {
  readonly section: string;
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
}

const MASK = '***';
const shown = (key: Key<unknown>, value: unknown): unknown => (key.secret && value !== '' && value !== undefined ? MASK : value);

/** JSON with sorted names: equal values give equal text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}

/** Plain values by section and key, as {@link LoadedConfiguration.snapshot} gives them to another thread or process. */
export type Snapshot = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A validated configuration that knows where each value came from. Immutable. */
export class LoadedConfiguration implements Configuration {
  constructor(
    private readonly sections: readonly Section[],
    private readonly values: Snapshot,
    private readonly origins: ReadonlyMap<string, string> = new Map(),
  ) {}

  get<K extends Record<string, Key<unknown>>>(section: Section<K>): ValuesOf<Section<K>> {
    const set = this.values[section.name] ?? {};
    return Object.fromEntries(Object.entries(section.keys).map(([name, key]) => [name, name in set ? set[name] : key.default])) as ValuesOf<Section<K>>;
  }

  hash(...sections: readonly Section[]): string {
    const open = sections.map((section): [string, unknown] => {
      const values: Record<string, unknown> = this.get(section);
      return [section.name, Object.fromEntries(Object.entries(values).filter(([name]) => !section.keys[name].secret))];
    });
    return createHash('sha256').update(canonical(Object.fromEntries(open))).digest('hex');
  }

  /** Every key with its effective value and where that came from; secrets masked. */
  effective(): EffectiveKey[] {
    return this.sections.flatMap((section) => {
      const values: Record<string, unknown> = this.get(section);
      return Object.entries(section.keys).map(([key, { doc, allowed, default: initial, ...rest }]) => ({
        section: section.name,
        key,
        doc,
        allowed,
        default: initial,
        value: shown({ doc, allowed, default: initial, ...rest }, values[key]),
        origin: this.origins.get(`${section.name}.${key}`) ?? 'default',
        environment: environmentName(section.name, key),
      }));
    });
  }

  /** This configuration with some values replaced, e.g. the address of a database that was just started. */
  with(values: Snapshot): LoadedConfiguration {
    const merged = Object.fromEntries([...new Set([...Object.keys(this.values), ...Object.keys(values)])].map((name) => [name, { ...this.values[name], ...values[name] }]));
    return new LoadedConfiguration(this.sections, merged, this.origins);
  }

  /** The values that were set, to be sent to another thread or process. Holds secrets: never write it down. */
  snapshot(): Snapshot {
    return this.values;
  }
}

/**
 * Reads and validates file, environment and command line.
 * @throws NW_CONFIG_UNREADABLE, NW_CONFIG_UNKNOWN_KEY, NW_CONFIG_INVALID; the error names every problem that was found.
 */
export function loadConfiguration(sources: Sources): LoadedConfiguration {
  const problems: Problem[] = [];
  const given = [...fromFile(sources, problems), ...fromEnvironment(sources, problems), ...fromSets(sources.sets ?? [], problems)];
  const byName = new Map(sources.sections.map((section) => [section.name, section]));
  const values: Record<string, Record<string, unknown>> = {};
  const origins = new Map<string, string>();
  for (const { section, key, value, origin } of given) {
    const declared = byName.get(section)?.keys;
    if (declared === undefined || !Object.hasOwn(declared, key)) {
      problems.push(unknownKey(sources.sections, section, key, origin));
      continue;
    }
    try {
      (values[section] ??= {})[key] = declared[key].parse(value);
      origins.set(`${section}.${key}`, origin);
    } catch {
      const was = declared[key].secret ? 'the given value (secret, not shown)' : JSON.stringify(value);
      problems.push({ code: 'NW_CONFIG_INVALID', text: `${section}.${key} = ${was} (${origin}); allowed: ${declared[key].allowed}.` });
    }
  }
  if (problems.length > 0) throw new NetWeaverError(problems[0].code, problems.map((problem) => problem.text).join('\n  '));
  return new LoadedConfiguration(sources.sections, values, origins);
}

function unknownKey(sections: readonly Section[], section: string, key: string, origin: string): Problem {
  const all = sections.flatMap(({ name, keys }) => Object.keys(keys).map((known) => `${name}.${known}`));
  const near = nearest(key, Object.keys(sections.find(({ name }) => name === section)?.keys ?? {}));
  const meant = near !== undefined ? `${section}.${near}` : (all.find((name) => name.endsWith(`.${key}`)) ?? nearest(`${section}.${key}`, all));
  return { code: 'NW_CONFIG_UNKNOWN_KEY', text: `${section}.${key} (${origin})${meant === undefined ? '.' : `; did you mean ${meant}?`}` };
}

function* fromFile({ path, sections, environment }: Sources, problems: Problem[]): Generator<Given> {
  const file = path ?? environment?.[`${PREFIX}CONFIG`] ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  if (file === undefined) return;
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new NetWeaverError('NW_CONFIG_UNREADABLE', `${file}: ${(error as Error).message}.`, { cause: error });
  }
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines });
  if (document.errors.length > 0) throw new NetWeaverError('NW_CONFIG_UNREADABLE', `${file}: ${document.errors[0].message.split('\n')[0]}`);
  if (document.contents === null) return;
  const at = (node: unknown): string => {
    const range = (node as { range?: [number, number, number] | null } | null)?.range;
    return range ? `${file}:${lines.linePos(range[0]).line}` : file;
  };
  if (!isMap(document.contents)) throw new NetWeaverError('NW_CONFIG_UNREADABLE', `${at(document.contents)}: the file holds sections, each with keys.`);
  for (const { key: name, value: body } of document.contents.items) {
    const section = String(isScalar(name) ? name.value : name);
    const known = sections.some((candidate) => candidate.name === section);
    if (!known) {
      const meant = nearest(section, sections.map((candidate) => candidate.name));
      problems.push({ code: 'NW_CONFIG_UNKNOWN_KEY', text: `section ${section} (${at(name)})${meant === undefined ? '.' : `; did you mean ${meant}?`}` });
    } else if (isMap(body)) {
      for (const { key, value } of body.items) {
        yield { section, key: String(isScalar(key) ? key.value : key), value: (value as { toJS?(d: unknown): unknown } | null)?.toJS?.(document) ?? null, origin: at(key) };
      }
    } else if (body !== null && !(isScalar(body) && body.value === null)) {
      problems.push({ code: 'NW_CONFIG_INVALID', text: `${section} = ${JSON.stringify(isScalar(body) ? body.value : body)} (${at(body)}); allowed: keys of that section, indented below it.` });
    }
  }
}

function* fromEnvironment({ environment = {}, sections }: Sources, problems: Problem[]): Generator<Given> {
  const names = environmentNames(sections);
  for (const [name, value] of configurationVariables(environment)) {
    const place = names.get(name);
    if (place !== undefined) {
      yield { section: place[0], key: place[1], value, origin: `environment ${name}` };
    } else {
      const meant = nearest(name, names.keys());
      problems.push({ code: 'NW_CONFIG_UNKNOWN_KEY', text: `environment variable ${name}${meant === undefined ? '.' : `; did you mean ${meant}?`}` });
    }
  }
}

function* fromSets(sets: readonly string[], problems: Problem[]): Generator<Given> {
  for (const set of sets) {
    const match = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(set);
    // What follows '=' may be a secret: it is not repeated.
    if (match === null) problems.push({ code: 'NW_CONFIG_INVALID', text: `--set ${set.split('=')[0]}; allowed: section.key=value.` });
    else yield { section: match[1], key: match[2], value: match[3], origin: '--set' };
  }
}
