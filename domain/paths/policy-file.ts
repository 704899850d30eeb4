/**
 * Policies as a file of YAML or JSON, each by its name:
 *
 *     policies:
 *       voice:
 *         priority: 100
 *         sources: [edge-*]
 *         targets: [media-1]
 *         prefixes: [203.0.113.0/24]
 *         weights: { latency: 1, utilisation: 0.2, loss: 1 }
 *         busy: { from: 70, until: 60 }
 *         avoid: { devices: [lab-*], links: [sat-*], riskGroups: [duct-7] }
 *         include: { devices: [core-1], links: [] }
 *         maxLatencyMs: 20
 *         minBandwidth: 1G
 *         paths: 3
 *       pairs: { sources: [a], targets: [b], disjoint: risk-group }
 */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, stringify, type Document, type Node, type YAMLMap } from 'yaml';
import { NetWeaverError } from '../../infra/errors';
import type { PathPolicy } from '../../schemas';
import { bitsPerSecondOf } from '../topology/quantities';
import { faultOf, NO_POLICY, patternsOf } from './policy';

type Kind = 'whole' | 'number' | 'percent' | 'rate' | 'text' | 'list';
/** Which field a key says, as what; a key with keys of its own. */
type Keys = { readonly [key: string]: readonly [Kind, keyof PathPolicy] | Keys };
const isField = (of: Keys[string]): of is readonly [Kind, keyof PathPolicy] => Array.isArray(of);

const KEYS: Keys = {
  priority: ['whole', 'priority'],
  sources: ['list', 'sources'],
  targets: ['list', 'targets'],
  prefixes: ['list', 'prefixes'],
  weights: { latency: ['number', 'latencyWeight'], utilisation: ['number', 'utilisationWeight'], loss: ['number', 'lossWeight'] },
  busy: { from: ['percent', 'busyFrom'], until: ['percent', 'busyUntil'] },
  assumedLatencyMs: ['number', 'assumedLatencyMs'],
  avoid: { devices: ['list', 'avoidDevices'], links: ['list', 'avoidLinks'], riskGroups: ['list', 'avoidRiskGroups'] },
  include: { devices: ['list', 'includeDevices'], links: ['list', 'includeLinks'] },
  disjoint: ['text', 'disjoint'],
  maxLatencyMs: ['number', 'maxLatencyMs'],
  minBandwidth: ['rate', 'minBitsPerSecond'],
  paths: ['whole', 'paths'],
};
const MEANT: Readonly<Record<Kind, string>> = { whole: 'a whole number', number: 'a number', percent: 'a number of per cent', rate: 'a rate as 10G or 64000', text: 'a word', list: 'a list of names or patterns' };
const WHOLE_MOST = 2 ** 31 - 1;

/** Reads a file; its policies are of the time `timeMs`. @throws NW_POLICY_INVALID with line and column */
export function readPolicies(text: string, timeMs: number): PathPolicy[] {
  return new PolicyReader(text).read(timeMs);
}

/** Policies as a file that {@link readPolicies} reads. */
export function writePolicies(policies: readonly PathPolicy[]): string {
  return stringify({ policies: Object.fromEntries(policies.map((policy) => [policy.name, told(policy, KEYS)])) });
}

function told(policy: PathPolicy, keys: Keys): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, of] of Object.entries(keys)) {
    if (!isField(of)) {
      const inner = told(policy, of);
      if (Object.keys(inner).length > 0) values[key] = inner;
      continue;
    }
    const [kind, field] = of;
    const value = policy[field];
    if (value === NO_POLICY[field]) continue;
    values[key] = kind === 'list' ? patternsOf(value as string) : kind === 'percent' ? Number(((value as number) * 100).toPrecision(12)) : value;
  }
  return values;
}

class PolicyReader {
  private readonly lines = new LineCounter();
  private readonly document: Document;

  constructor(text: string) {
    this.document = parseDocument(text, { lineCounter: this.lines });
  }

  read(timeMs: number): PathPolicy[] {
    const [fault] = this.document.errors;
    if (fault !== undefined) throw this.wrongAt(fault.pos[0], fault.message.split('\n')[0]);
    const root = this.map(this.document.contents, 'the file');
    for (const { key } of root.items) if (this.text(key) !== 'policies') throw this.wrong(key, `the file has no ${this.text(key)}; there is policies`);
    const policies = root.get('policies', true) as unknown;
    return this.map(policies, 'policies').items.map(({ key, value }) => this.policy(this.text(key), key, value, timeMs));
  }

  private policy(name: string, at: unknown, value: unknown, timeMs: number): PathPolicy {
    const said: Partial<Record<keyof PathPolicy, unknown>> = {};
    const places = new Map<keyof PathPolicy, unknown>([['name', at]]);
    this.fields(name, this.map(value, name), KEYS, said, places);
    const policy = { ...NO_POLICY, ...said, name, time: timeMs } as PathPolicy;
    const fault = faultOf(policy);
    if (fault !== null) throw this.wrong(places.get(fault.field) ?? at, `${fault.field} ${fault.what}`);
    return policy;
  }

  private fields(of: string, map: YAMLMap, keys: Keys, said: Partial<Record<keyof PathPolicy, unknown>>, places: Map<keyof PathPolicy, unknown>): void {
    for (const { key, value } of map.items) {
      const name = this.text(key);
      if (!Object.hasOwn(keys, name)) throw this.wrong(key, `${of} has no ${name}; there are ${Object.keys(keys).join(', ')}`);
      const meant = keys[name];
      if (isField(meant)) {
        said[meant[1]] = this.value(meant[0], name, value);
        places.set(meant[1], value);
      } else this.fields(name, this.map(value, name), meant, said, places);
    }
  }

  private value(kind: Kind, name: string, node: unknown): unknown {
    if (kind === 'list') {
      const nodes: readonly unknown[] = isSeq(node) ? node.items : [node];
      const texts = nodes.map((one) => this.text(one, `${name} is ${MEANT.list}`));
      const comma = texts.findIndex((text) => text.includes(',') || text.trim() === '');
      if (comma >= 0) throw this.wrong(nodes[comma], `${name} has names without commas; ? stands for any character`);
      return texts.join(',');
    }
    const text = this.text(node, `${name} is ${MEANT[kind]}`);
    if (kind === 'text') return text;
    const number = kind === 'rate' ? bitsPerSecondOf(text) : text.trim() === '' ? NaN : Number(text);
    if (!Number.isFinite(number) || (kind === 'whole' && (!Number.isInteger(number) || Math.abs(number) > WHOLE_MOST))) throw this.wrong(node, `${name} is ${MEANT[kind]}, not ${text.slice(0, 40)}`);
    return kind === 'percent' ? number / 100 : number;
  }

  private map(node: unknown, name: string): YAMLMap {
    if (isMap(node)) return node as YAMLMap;
    if (node === null || node === undefined || (isScalar(node) && node.value === null)) return this.document.createNode({}) as unknown as YAMLMap;
    throw this.wrong(node, `${name} is a map`);
  }

  /** Names stay as they are written: 007 is no number. */
  private text(node: unknown, otherwise = 'this is a single value'): string {
    if (!isScalar(node) || node.value === null) throw this.wrong(node, otherwise);
    return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  }

  private wrong(node: unknown, what: string): NetWeaverError {
    return this.wrongAt((node as Node | null)?.range?.[0] ?? 0, what);
  }

  private wrongAt(at: number, what: string): NetWeaverError {
    const { line, col } = this.lines.linePos(at);
    return new NetWeaverError('NW_POLICY_INVALID', `line ${line}, column ${col}: ${what}.`);
  }
}
