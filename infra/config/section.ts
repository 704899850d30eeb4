/**
 * Configuration as data: a component declares its keys beside its code, each with type, default and meaning. From the
 * declarations come the validation, `netweaver config`, the environment variables and the reference page.
 *
 * A key `collector.netflowPort` is `collector: { netflowPort: … }` in the YAML file, `NETWEAVER_COLLECTOR_NETFLOW_PORT` in
 * the environment and `--set collector.netflowPort=…` on the command line; later ones win.
 */

/** A key's declaration. `parse` takes YAML's value or the text of the environment, and throws an Error that says what is allowed. */
export interface Key<T> {
  readonly doc: string;
  readonly default: T;
  /** What is allowed, in words: `a port, 1 to 65535`. */
  readonly allowed: string;
  /** Never printed: passwords, community strings. */
  readonly secret: boolean;
  parse(value: unknown): T;
}

/** A component's part of the configuration. */
export interface Section<K extends Record<string, Key<unknown>> = Record<string, Key<unknown>>> {
  readonly name: string;
  readonly doc: string;
  readonly keys: K;
}

/** The values of a section. */
export type ValuesOf<S> = S extends Section<infer K> ? { readonly [P in keyof K]: K[P] extends Key<infer T> ? T : never } : never;

/** Declares a section. */
export function section<K extends Record<string, Key<never> | Key<unknown>>>(name: string, doc: string, keys: K): Section<K & Record<string, Key<unknown>>> & { readonly keys: K } {
  return { name, doc, keys: keys as K & Record<string, Key<unknown>> };
}

interface Common<T> {
  readonly doc: string;
  readonly default: T;
  readonly secret?: boolean;
}

function key<T>(common: Common<T>, allowed: string, parse: (value: unknown) => T | undefined): Key<T> {
  return {
    doc: common.doc,
    default: common.default,
    allowed,
    secret: common.secret ?? false,
    parse(value) {
      const parsed = parse(value);
      if (parsed === undefined) throw new Error(allowed);
      return parsed;
    },
  };
}

const asNumber = (value: unknown): number | undefined => {
  const n = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof n === 'number' && Number.isFinite(n) ? n : undefined;
};

/** Any text. */
export const text = (common: Common<string>): Key<string> => key(common, 'text', (v) => (typeof v === 'string' || typeof v === 'number' ? String(v) : undefined));

/** A whole number from `min` to `max`; say the unit in the key's name or doc. */
export const whole = (common: Common<number> & { readonly min: number; readonly max: number }): Key<number> =>
  key(common, `a whole number from ${common.min} to ${common.max}`, (v) => {
    const n = asNumber(v);
    return n !== undefined && Number.isInteger(n) && n >= common.min && n <= common.max ? n : undefined;
  });

/** A UDP or TCP port; 0 lets the system choose. */
export const port = (common: Common<number>): Key<number> => whole({ ...common, min: 0, max: 65535 });

/** true or false. */
export const flag = (common: Common<boolean>): Key<boolean> =>
  key(common, 'true or false', (v) => (v === true || v === 'true' ? true : v === false || v === 'false' ? false : undefined));

/** One of a few words. */
export const choice = <const T extends string>(common: Common<T> & { readonly of: readonly T[] }): Key<T> =>
  key(common, `one of ${common.of.join(', ')}`, (v) => common.of.find((word) => word === v));

/** A list of texts; in the environment separated by commas. */
export const list = (common: Common<readonly string[]>): Key<readonly string[]> =>
  key(common, 'a list of texts', (v) => {
    const items = typeof v === 'string' ? v.split(',').map((s) => s.trim()).filter(Boolean) : v;
    return Array.isArray(items) && items.every((i) => typeof i === 'string') ? items : undefined;
  });

/** Names with values, each parsed by `of`, e.g. a sampling rate by exporter prefix. In the environment as JSON. */
export const map = <T>(common: Common<Readonly<Record<string, T>>> & { readonly of: Key<T>; readonly name: string }): Key<Readonly<Record<string, T>>> =>
  key(common, `${common.name} each with ${common.of.allowed}`, (v) => {
    let entries: unknown = v;
    if (typeof v === 'string') {
      try {
        entries = JSON.parse(v);
      } catch {
        return undefined;
      }
    }
    if (entries === null || typeof entries !== 'object' || Array.isArray(entries)) return undefined;
    try {
      return Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, common.of.parse(value)]));
    } catch {
      return undefined;
    }
  });
