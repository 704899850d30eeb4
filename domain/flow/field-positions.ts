import { VARIABLE, type Field } from './elements';

/** Where the fields of one record after the other are. */
export class FieldPositions {
  readonly at: number[] = [];
  readonly lengths: number[] = [];

  /** Finds the fields of the record at `at`, those of variable length (RFC 7011 section 7) among them; its end, or -1 where it runs over `end`. */
  locate(fields: readonly Field[], s: Uint8Array, at: number, end: number): number {
    for (let i = 0; i < fields.length; i++) {
      let { length } = fields[i];
      if (length === VARIABLE) {
        if (at >= end) return -1;
        length = s[at++];
        if (length === 255) {
          if (at + 2 > end) return -1;
          length = (s[at] << 8) | s[at + 1];
          at += 2;
        }
      }
      if (at + length > end) return -1;
      this.at[i] = at;
      this.lengths[i] = length;
      at += length;
    }
    return at;
  }
}
