/** Template records as they are sent: NetFlow v9 (RFC 3954 sections 5.2 and 6.1), IPFIX (RFC 7011 sections 3.4.1 and 3.4.2). */
import type { Field } from './elements';

/** A record between two offsets; the fields of one that is read after another replace its. */
export class TemplateRecord {
  id = 0;
  /** Number of fields as stated; 0 withdraws (IPFIX). */
  count = 0;
  fields: Field[] = [];

  /** Reads the record at `at`; the offset after it, or -1 where it runs over `end`. */
  read(view: DataView, at: number, end: number, v9: boolean, options: boolean): number {
    this.fields = [];
    if (at + 4 > end) return -1;
    this.id = view.getUint16(at);
    this.count = view.getUint16(at + 2);
    at += 4;
    if (this.count === 0 && !v9) return at;
    let scopes = 0;
    if (options) {
      if (at + 2 > end) return -1;
      scopes = view.getUint16(at);
      at += 2;
      if (v9) [scopes, this.count] = [this.count >> 2, (this.count >> 2) + (scopes >> 2)]; // lengths in bytes: of the scopes, then of the options
    }
    for (let i = 0; i < this.count; i++) {
      if (at + 4 > end) return -1;
      const element = view.getUint16(at);
      const enterprise = !v9 && (element & 0x8000) !== 0 && at + 8 <= end;
      this.fields.push({ id: v9 ? element : element & 0x7fff, enterprise: enterprise ? view.getUint32(at + 4) : 0, length: view.getUint16(at + 2), scope: i < scopes });
      at += enterprise ? 8 : 4;
    }
    return at;
  }
}
