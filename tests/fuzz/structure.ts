/** Where a datagram's lengths, counts, ids and types are, and which pieces it consists of: what a mutator has to know to get past the first check. */

/** What a number in a datagram says. */
export type Meaning = 'length' | 'count' | 'set id' | 'template id' | 'element' | 'field length' | 'domain' | 'sequence' | 'time' | 'format' | 'protocol' | 'variable length' | 'list';

export interface Mark {
  readonly at: number;
  readonly size: 1 | 2 | 4;
  readonly meaning: Meaning;
}

/** A piece that can be repeated, left out, or put into another datagram: a set, a template record, a sample, a record of a sample. */
export interface Piece {
  readonly at: number;
  readonly end: number;
  readonly kind: 'set' | 'template' | 'data' | 'sample' | 'record' | 'flow';
}

export interface Structure {
  /** 5, 9, 10 of NetFlow and IPFIX, 0 for sFlow, -1 for none of them. */
  readonly version: number;
  readonly marks: readonly Mark[];
  readonly pieces: readonly Piece[];
}

const MOST_MARKS = 4096;

/** The structure of a datagram, as far as it can be followed. */
export function structureOf(datagram: Buffer): Structure {
  const marks: Mark[] = [];
  const pieces: Piece[] = [];
  const mark = (at: number, size: Mark['size'], meaning: Meaning): void => {
    if (at >= 0 && at + size <= datagram.length && marks.length < MOST_MARKS) marks.push({ at, size, meaning });
  };
  const piece = (at: number, end: number, kind: Piece['kind']): void => {
    if (end > at && end <= datagram.length && pieces.length < MOST_MARKS) pieces.push({ at, end, kind });
  };
  const version = datagram.length < 4 ? -1 : datagram.readUInt16BE(0);
  if (version === 5) netflow5(datagram, mark, piece);
  else if (version === 9 || version === 10) templated(datagram, version, mark, piece);
  else if (version === 0 && datagram.readUInt32BE(0) === 5) sflow(datagram, mark, piece);
  return { version: [0, 5, 9, 10].includes(version) ? version : -1, marks, pieces };
}

type AddMark = (at: number, size: Mark['size'], meaning: Meaning) => void;
type AddPiece = (at: number, end: number, kind: Piece['kind']) => void;

function netflow5(datagram: Buffer, mark: AddMark, piece: AddPiece): void {
  mark(2, 2, 'count');
  mark(4, 4, 'time');
  mark(8, 4, 'time');
  mark(16, 4, 'sequence');
  mark(20, 2, 'domain');
  for (let at = 24; at + 48 <= datagram.length; at += 48) {
    piece(at, at + 48, 'flow');
    mark(at + 24, 4, 'time');
    mark(at + 38, 1, 'protocol');
  }
}

function templated(datagram: Buffer, version: number, mark: AddMark, piece: AddPiece): void {
  const header = version === 9 ? 20 : 16;
  mark(2, 2, version === 9 ? 'count' : 'length');
  for (let at = 4; at < header; at += 4) mark(at, 4, at === header - 4 ? 'domain' : at === header - 8 ? 'sequence' : 'time');
  for (let at = header; at + 4 <= datagram.length; ) {
    const id = datagram.readUInt16BE(at);
    const length = datagram.readUInt16BE(at + 2);
    const end = Math.min(at + Math.max(length, 4), datagram.length);
    mark(at, 2, 'set id');
    mark(at + 2, 2, 'length');
    piece(at, end, 'set');
    if (id < 4) templates(datagram, version, id === 1 || id === 3, at + 4, end, mark, piece);
    else data(datagram, at + 4, end, mark, piece);
    at = end;
  }
}

/** Template records, and options template records: of NetFlow v9 with lengths of scopes and options, of IPFIX with counts. */
function templates(datagram: Buffer, version: number, options: boolean, at: number, end: number, mark: AddMark, piece: AddPiece): void {
  const head = options ? 6 : 4;
  while (at + head <= end) {
    const from = at;
    const second = datagram.readUInt16BE(at + 2);
    const fields = options && version === 9 ? (second + datagram.readUInt16BE(at + 4)) >> 2 : second;
    mark(at, 2, 'template id');
    mark(at + 2, 2, 'count');
    if (options) mark(at + 4, 2, 'count');
    at += head;
    for (let i = 0; i < fields && at + 4 <= end; i++) {
      mark(at, 2, 'element');
      mark(at + 2, 2, 'field length');
      const enterprise = version === 10 && (datagram[at] & 0x80) !== 0;
      if (enterprise) mark(at + 4, 4, 'element');
      at += enterprise ? 8 : 4;
    }
    piece(from, Math.min(at, end), 'template');
  }
}

/** Data without its template: the first bytes may be the length of a field of variable length, and what follows a list of RFC 6313. */
function data(datagram: Buffer, at: number, end: number, mark: AddMark, piece: AddPiece): void {
  piece(at, end, 'data');
  for (let i = at, n = 0; i < end && n < 64; i++) {
    const left = end - i;
    const length = datagram[i];
    if (length >= 3 && length < left) {
      const semantic = datagram[i + 1];
      const listed = left > 4 && (semantic <= 4 || semantic === 255) && datagram.readUInt16BE(i + 2) >= 256;
      if (listed || n < 8) {
        mark(i, 1, 'variable length');
        n++;
      }
      if (listed) {
        mark(i + 1, 1, 'list');
        mark(i + 2, 2, 'template id');
        if (left > 6) mark(i + 4, 2, 'length');
      }
    }
  }
}

const SAMPLE_HEADS: Readonly<Record<number, number>> = { 1: 32, 2: 12, 3: 44, 4: 16, 5: 32 };

function sflow(datagram: Buffer, mark: AddMark, piece: AddPiece): void {
  mark(4, 4, 'format');
  const agent = datagram.length >= 8 && datagram.readUInt32BE(4) === 2 ? 16 : 4;
  mark(8 + agent, 4, 'domain');
  mark(12 + agent, 4, 'sequence');
  mark(16 + agent, 4, 'time');
  mark(20 + agent, 4, 'count');
  for (let at = 24 + agent; at + 8 <= datagram.length; ) {
    const format = datagram.readUInt32BE(at);
    const end = Math.min(at + 8 + datagram.readUInt32BE(at + 4), datagram.length);
    mark(at, 4, 'format');
    mark(at + 4, 4, 'length');
    piece(at, end, 'sample');
    const head = SAMPLE_HEADS[format] ?? 0;
    for (let word = 0; word < head; word += 4) mark(at + 8 + word, 4, word + 4 === head ? 'count' : 'sequence');
    for (let record = at + 8 + head; head > 0 && record + 8 <= end; ) {
      const recordEnd = Math.min(record + 8 + datagram.readUInt32BE(record + 4), end);
      mark(record, 4, 'format');
      mark(record + 4, 4, 'length');
      piece(record, recordEnd, 'record');
      if (datagram.readUInt32BE(record) === 1) sampledHeader(record + 8, recordEnd, mark);
      else for (let word = record + 8; word + 4 <= Math.min(recordEnd, record + 24); word += 4) mark(word, 4, 'count');
      record = recordEnd;
    }
    at = end;
  }
}

/** The frame's own numbers: types and protocols, lengths, ports; which is which tells the frame's first bytes, near enough. */
function sampledHeader(at: number, end: number, mark: AddMark): void {
  mark(at, 4, 'format');
  mark(at + 4, 4, 'length');
  mark(at + 12, 4, 'length');
  const frame = at + 16;
  for (const [offset, size] of [[12, 2], [16, 2], [14, 1], [20, 1], [23, 1], [34, 2], [36, 2], [38, 2], [54, 2], [56, 2], [42, 1], [50, 2]] as const) if (frame + offset + size <= end) mark(frame + offset, size, 'protocol');
  mark(frame + 16, 2, 'length');
}
