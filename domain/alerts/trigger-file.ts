/**
 * Files of triggers, YAML or JSON:
 *
 *     builtIn: true            # the built-in triggers come behind these; false: these alone
 *     triggers:
 *       - name: customers
 *         anomaly: { kinds: [syn-flood, udp-amplification], subjects: [198.51.100.0/24], minSeverity: warning, minScore: 2 }
 *         severity: critical
 *         mute: [{ days: [sat, sun], from: '02:00', until: '04:00' }]
 *       - name: lab
 *         anomaly: { subjects: ['192.0.2.0/24'] }
 *         ignore: true
 *       - name: trunks
 *         topology: { element: link, subjects: ['core-*'], downFor: 3s }
 *       - name: satellite
 *         performance: { measure: latency, above: 700, clear: 650, for: 5m, subjects: [sat-*] }
 *         group: subject
 *
 * What is not understood is an error with its line and column: somebody wrote it by hand and relies on it.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type YAMLMap } from 'yaml';
import { NetWeaverError } from '../../infra/errors';
import { GROUPS, SEVERITIES } from './signal';
import { subjectTest, type SubjectTest } from './subjects';
import { MEASURES, type MuteWindow, type Trigger, type TriggerBase } from './trigger';
import { BUILT_IN_TRIGGERS } from './built-in-triggers';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const COMMON = ['name', 'anomaly', 'topology', 'performance', 'severity', 'criticalFrom', 'group', 'mute', 'ignore', 'opens'];

/** Triggers of a file, then, unless it says otherwise, the built-in ones; no text: these alone. @throws NW_TRIGGER_INVALID with line and column */
export function readTriggers(text: string): readonly Trigger[] {
  return text.trim() === '' ? BUILT_IN_TRIGGERS : new TriggerFile(text).read();
}

class TriggerFile {
  private readonly lines = new LineCounter();
  private readonly document: Document;

  constructor(text: string) {
    this.document = parseDocument(text, { lineCounter: this.lines });
  }

  read(): readonly Trigger[] {
    const [fault] = this.document.errors;
    if (fault !== undefined) throw invalid(this.place(fault.pos[0]), fault.message.split('\n')[0]);
    const root = this.map(this.document.contents as Node | null, 'the file', ['builtIn', 'triggers']);
    const list = this.node(root, 'triggers');
    if (list !== null && !isSeq(list)) throw this.wrong(list, 'triggers is a list');
    const names = new Set<string>();
    const own = (isSeq(list) ? list.items : []).map((item) => this.trigger(this.resolved(item as Node), names));
    return this.flag(root, 'builtIn', true) ? [...own, ...BUILT_IN_TRIGGERS.filter(({ name }) => !names.has(name))] : own;
  }

  private trigger(node: Node | null, names: Set<string>): Trigger {
    const map = this.map(node, 'a trigger', COMMON);
    const name = this.text(map, 'name');
    if (name === null || name === '') throw this.wrong(map, 'a trigger has a name');
    if (names.has(name)) throw this.wrong(this.node(map, 'name'), `there is a trigger '${name}' already`);
    names.add(name);
    const kinds = (['anomaly', 'topology', 'performance'] as const).filter((kind) => map.has(kind));
    if (kinds.length !== 1) throw this.wrong(map, `trigger '${name}' has one of anomaly, topology, performance; it has ${kinds.length === 0 ? 'none' : kinds.join(' and ')}`);
    const base = {
      name, severity: this.choice(map, 'severity', SEVERITIES), criticalFrom: this.number(map, 'criticalFrom'), group: this.choice(map, 'group', GROUPS) ?? 'cause', mute: this.mutes(map), ignore: this.flag(map, 'ignore', false), opens: this.flag(map, 'opens', true),
    };
    const of = this.node(map, kinds[0]);
    return kinds[0] === 'anomaly' ? this.anomaly(of, base) : kinds[0] === 'topology' ? this.topology(of, base) : this.performance(of, base);
  }

  private anomaly(node: Node | null, base: Omit<TriggerBase, 'subjects'>): Trigger {
    const map = this.map(node, 'anomaly', ['kinds', 'subjects', 'minSeverity', 'minScore']);
    return { ...base, when: 'anomaly', kinds: this.texts(map, 'kinds'), subjects: this.subjects(map), minSeverity: this.choice(map, 'minSeverity', SEVERITIES) ?? 'warning', minScore: this.number(map, 'minScore') ?? 1 };
  }

  private topology(node: Node | null, base: Omit<TriggerBase, 'subjects'>): Trigger {
    const map = this.map(node, 'topology', ['element', 'subjects', 'downFor']);
    const element = this.choice(map, 'element', ['device', 'interface', 'link'] as const);
    if (element === null) throw this.wrong(map, 'topology has an element: device, interface or link');
    return { ...base, when: 'topology', element, subjects: this.subjects(map), downForMs: this.duration(map, 'downFor') ?? 10_000 };
  }

  private performance(node: Node | null, base: Omit<TriggerBase, 'subjects'>): Trigger {
    const map = this.map(node, 'performance', ['measure', 'above', 'clear', 'for', 'subjects']);
    const measure = this.choice(map, 'measure', MEASURES);
    const above = this.number(map, 'above');
    if (measure === null || above === null) throw this.wrong(map, `performance has a measure (${MEASURES.join(', ')}) and above, its limit`);
    const clear = this.number(map, 'clear') ?? 0.9 * above;
    if (clear > above) throw this.wrong(this.node(map, 'clear'), `clear is at most above: ${above}`);
    return { ...base, when: 'performance', measure, above, clear, forMs: this.duration(map, 'for') ?? 300_000, subjects: this.subjects(map) };
  }

  private mutes(map: YAMLMap): MuteWindow[] {
    const list = this.node(map, 'mute');
    if (list === null) return [];
    if (!isSeq(list)) throw this.wrong(list, 'mute is a list of windows');
    return list.items.map((item) => {
      const window = this.map(this.resolved(item as Node), 'a mute window', ['days', 'from', 'until']);
      const days = (this.texts(window, 'days') ?? []).map((day) => {
        const at = DAYS.indexOf(day.slice(0, 3).toLowerCase());
        if (at < 0) throw this.wrong(this.node(window, 'days'), `'${day}' is no day; there are ${DAYS.join(', ')}`);
        return at;
      });
      return { days, from: this.minutes(window, 'from'), until: this.minutes(window, 'until') };
    });
  }

  private minutes(map: YAMLMap, name: string): number {
    const match = /^(\d{1,2}):(\d{2})$/.exec(this.text(map, name) ?? '');
    if (match === null || Number(match[1]) > 24 || Number(match[2]) > 59) throw this.wrong(this.node(map, name) ?? map, `${name} is a time of the day as '02:30', UTC`);
    return 60 * Number(match[1]) + Number(match[2]);
  }

  private subjects(map: YAMLMap): SubjectTest | null {
    const patterns = this.texts(map, 'subjects');
    if (patterns === null) return null;
    const tests = patterns.map(subjectTest);
    return (subject) => tests.some((test) => test(subject));
  }

  private duration(map: YAMLMap, name: string): number | null {
    const text = this.text(map, name);
    if (text === null) return null;
    const match = /^(\d{1,9}(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text);
    if (match === null) throw this.wrong(this.node(map, name), `${name} is a time as 30s, 5m or 2h, not ${text.slice(0, 40)}`);
    return Number(match[1]) * UNITS[match[2]];
  }

  private number(map: YAMLMap, name: string): number | null {
    const text = this.text(map, name);
    const value = Number(text);
    if (text !== null && (text.trim() === '' || !(value >= 0 && value < Infinity))) throw this.wrong(this.node(map, name), `${name} is a number from 0, not ${text.slice(0, 40)}`);
    return text === null ? null : value;
  }

  private flag(map: YAMLMap, name: string, otherwise: boolean): boolean {
    const text = this.text(map, name);
    if (text !== null && text !== 'true' && text !== 'false') throw this.wrong(this.node(map, name), `${name} is true or false`);
    return text === null ? otherwise : text === 'true';
  }

  private choice<const T extends string>(map: YAMLMap, name: string, of: readonly T[]): T | null {
    const text = this.text(map, name);
    const found = of.find((one) => one === text);
    if (text !== null && found === undefined) throw this.wrong(this.node(map, name), `${name} is one of ${of.join(', ')}, not ${text.slice(0, 40)}`);
    return found ?? null;
  }

  private texts(map: YAMLMap, name: string): string[] | null {
    const node = this.node(map, name);
    if (node === null) return null;
    if (!isSeq(node)) throw this.wrong(node, `${name} is a list`);
    return node.items.map((item) => this.scalar(this.resolved(item as Node), `what is in ${name}`));
  }

  private map(node: Node | null, of: string, known: readonly string[]): YAMLMap {
    if (!isMap(node)) throw this.wrong(node, `${of} is a map with ${known.join(', ')}`);
    for (const { key } of node.items) {
      const name = this.scalar(key as Node, 'a key');
      if (!known.includes(name)) throw this.wrong(key as Node, `${of} has no ${name.slice(0, 40)}; there are ${known.join(', ')}`);
    }
    return node as YAMLMap;
  }

  private text(map: YAMLMap, name: string): string | null {
    const node = this.node(map, name);
    return node === null ? null : this.scalar(node, name);
  }

  private node(map: YAMLMap, name: string): Node | null {
    const found = this.resolved((map.items.find(({ key }) => isScalar(key) && key.value === name)?.value as Node | null | undefined) ?? null);
    return isScalar(found) && found.value === null ? null : found;
  }

  private scalar(node: Node | null, name: string): string {
    if (!isScalar(node)) throw this.wrong(node, `${name} is a single value`);
    return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  }

  private resolved(node: Node | null): Node | null {
    return isAlias(node) ? ((node.resolve(this.document) as Node | undefined) ?? null) : node;
  }

  private wrong(node: Node | null, what: string): NetWeaverError {
    return invalid(this.place(node?.range?.[0] ?? 0), what);
  }

  private place(at: number): string {
    const { line, col } = this.lines.linePos(at);
    return `line ${line}, column ${col}`;
  }
}

const invalid = (where: string, what: string): NetWeaverError => new NetWeaverError('NW_TRIGGER_INVALID', `${where}: ${what}.`);
