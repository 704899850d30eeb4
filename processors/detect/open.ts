/**
 * Anomalies that go on, as cells of a row of a store: when they are told to begin, to go on, and to be over.
 */
import type { Figure } from '../../domain/detect/evidence';
import type { Anomaly } from '../../schemas';
import type { Context } from '../runtime/processor';
import { tellAnomaly } from './tell';

/** Kinds by their number less one: part of what stores hold. */
const KINDS = ['syn-flood', 'udp-amplification', 'icmp-flood', 'udp-flood', 'volumetric', 'flash-crowd', 'outbound-flood', 'carpet-bombing', 'horizontal-scan', 'vertical-scan', 'super-spreader'] as const;
const SEVERITIES = ['info', 'warning', 'critical'] as const;

/** Cells of one: number of its kind, 0 where none goes on; when it began, was told last and was seen last, milliseconds; severity; score, value and threshold when last told, and number of the unit. */
export const OPEN_CELLS = 9;
const KIND = 0, BEGAN = 1, TOLD = 2, SEEN = 3, SEVERITY = 4, SCORE = 5, VALUE = 6, THRESHOLD = 7, UNIT = 8;
const UNITS = ['packets/s', 'bits/s', 'addresses', 'ports'];

/** What was found, of any kind of subject. */
export interface Found {
  readonly kind: string;
  readonly severity: (typeof SEVERITIES)[number];
  readonly score: number;
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
  readonly evidence: readonly Figure[];
}

/** Whom it is about, and who says so. */
export interface About {
  readonly subject: string;
  readonly subjectKind: 'host' | 'prefix';
  readonly detector: string;
}

/** Since when: time in milliseconds, and offset of the pulse that it began with. */
export interface Since {
  readonly ms: number;
  readonly offset: number;
}

/** Elements that an anomaly names at most. */
const ELEMENTS = 16;

/** Keeps account of anomalies that go on, and tells of them. */
export class OpenAnomalies {
  constructor(
    private readonly goesOnMs: number,
    /** By how many the number of those that go on changes. */
    private readonly changed: (by: number) => void,
  ) {}

  /** True where one goes on in the cells from `at` on. */
  isOpen(cells: Float64Array, at: number): boolean {
    return cells[at + KIND] > 0;
  }

  /** Its subject is still as it was when it was told, if less. */
  seen(cells: Float64Array, at: number, nowMs: number): void {
    if (nowMs > cells[at + SEEN]) cells[at + SEEN] = nowMs;
  }

  /** When it was seen last. */
  seenAt(cells: Float64Array, at: number): number {
    return cells[at + SEEN];
  }

  /** Something was found: it begins, goes on, or is graver than what was told. */
  found(cells: Float64Array, at: number, found: Found, about: About, since: Since, nowMs: number, elements: Anomaly['elements'], context: Context): void {
    const kind = KINDS.indexOf(found.kind as never) + 1;
    const severity = SEVERITIES.indexOf(found.severity);
    this.seen(cells, at, nowMs);
    if (this.isOpen(cells, at)) {
      const isGraver = severity > cells[at + SEVERITY];
      const isAnother = kind !== cells[at + KIND] && isGraver;
      if (!isAnother) {
        if (!isGraver && nowMs - cells[at + TOLD] < this.goesOnMs) return;
        this.keep(cells, at, found, Math.max(severity, cells[at + SEVERITY]), nowMs);
        this.tell({ ...found, kind: KINDS[cells[at + KIND] - 1], severity: SEVERITIES[cells[at + SEVERITY]] }, about, 'goes-on', { ...since, ms: cells[at + BEGAN] }, nowMs, elements, context);
        return;
      }
      this.over(cells, at, about, nowMs, context);
    }
    this.changed(1);
    cells[at + KIND] = kind;
    cells[at + BEGAN] = since.ms;
    this.keep(cells, at, found, severity, nowMs);
    this.tell(found, about, 'began', since, nowMs, elements, context);
  }

  /** It is over. */
  over(cells: Float64Array, at: number, about: About, nowMs: number, context: Context): void {
    this.changed(-1);
    const last = { kind: KINDS[cells[at + KIND] - 1], severity: SEVERITIES[cells[at + SEVERITY]], score: cells[at + SCORE], value: cells[at + VALUE], threshold: cells[at + THRESHOLD], unit: UNITS[cells[at + UNIT]], evidence: [] };
    this.tell(last, about, 'over', { ms: cells[at + BEGAN], offset: context.offset }, nowMs, [], context);
    cells.fill(0, at, at + OPEN_CELLS);
  }

  private keep(cells: Float64Array, at: number, { score, value, threshold, unit }: Found, severity: number, nowMs: number): void {
    cells[at + TOLD] = nowMs;
    cells[at + SEEN] = Math.max(cells[at + SEEN], nowMs);
    cells[at + SEVERITY] = severity;
    cells[at + SCORE] = score;
    cells[at + VALUE] = value;
    cells[at + THRESHOLD] = threshold;
    cells[at + UNIT] = Math.max(0, UNITS.indexOf(unit));
  }

  private tell({ kind, severity, score, value, threshold, unit, evidence }: Found, { subject, subjectKind, detector }: About, phase: string, since: Since, time: number, elements: Anomaly['elements'], context: Context): void {
    const anomaly: Anomaly = { subject, subjectKind, kind, phase, began: since.ms, time, detector, severity, score, value, threshold, unit, evidence: evidence.map((figure) => ({ ...figure })), elements: elements.slice(0, ELEMENTS), model: '', modelHash: '' };
    tellAnomaly(anomaly, context, { causes: { first: Math.min(since.offset, context.offset), last: context.offset } });
  }
}
