/** Random templates and data: the compiled transcoders make the rows that the reference decoder makes. NETWEAVER_PROPERTY_CASES: how many. */
import { CaptureDecoder } from './capture-records';
import { bytes, ipfix, netflow9, set, template, type FixtureField } from './fixtures';
import { referenceRows } from './testing/reference';

const CASES = Number(process.env.NETWEAVER_PROPERTY_CASES ?? 3000);
const SECONDS = 1_700_000_000;
const UPTIME = 3_600_000;
const REVERSE_PEN = 29305;

/** Elements by the size of their type, which may be reduced (RFC 7011 section 6.2). */
const NUMBERS: Readonly<Record<number, readonly number[]>> = {
  1: [4, 5, 9, 13, 29, 30, 61, 176, 177, 178, 179],
  2: [6, 7, 11, 32, 58, 139, 180, 181, 182, 183, 243],
  4: [10, 14, 16, 17, 21, 22, 34, 150, 151, 158, 159, 161, 162, 252, 253, 322],
  8: [1, 2, 3, 23, 24, 85, 86, 231, 232, 298, 299, 352],
};
const SIZED = Object.entries(NUMBERS).flatMap(([size, ids]) => ids.map((id) => [id, Number(size)] as const));
const ADDRESSES = [[8, 4], [12, 4], [15, 4], [18, 4], [27, 16], [28, 16], [62, 16], [63, 16]] as const;
const TIMES = [[152, 8], [153, 8], [154, 8], [155, 8], [156, 8], [157, 8], [160, 8], [323, 8]] as const;
const REVERSED = [[1, 8], [2, 8], [85, 8], [86, 8], [5, 1], [6, 2], [10, 4], [14, 4], [58, 2], [61, 1], [32, 2], [139, 2], [152, 8], [153, 8]] as const;

/** Marsaglia's xorshift: the same numbers for the same seed. */
function random(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
type Random = ReturnType<typeof random>;

function field(next: Random, v9: boolean): FixtureField {
  const pick = <T>(from: readonly T[]): T => from[next(from.length)];
  const kind = next(20);
  if (kind < 5) return pick(ADDRESSES);
  if (kind < 8) return pick(TIMES);
  if (kind === 8) return [next(2) ? 999 : 210, next(6)];
  if (!v9 && kind === 9) return [82, 65535];
  if (!v9 && kind === 10) return [next(100), 1 + next(8), 99999];
  if (!v9 && kind < 14) {
    const [id, size] = pick(REVERSED);
    return [id, size, REVERSE_PEN];
  }
  const [id, size] = pick(SIZED);
  return [id, next(3) ? size : 1 + next(size)];
}

function value(next: Random, [id, stated, enterprise = 0]: FixtureField): Buffer {
  const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => next(256)));
  if (stated === 65535) {
    const length = next(8) ? next(20) : 255 + next(60);
    return length < 255 && next(4) ? bytes([length, 1], noise(length)) : bytes([255, 1], [length, 2], noise(length));
  }
  if (next(4) === 0) return Buffer.alloc(stated);
  if (enterprise === 0 && id === 4) return Buffer.from([[1, 6, 17, 58][next(4)]]);
  if (stated === 8 && [152, 153, 160, 323].includes(id) && next(4)) return bytes([SECONDS * 1000 - next(100_000), 8]);
  if (stated === 8 && id >= 154 && id <= 157 && next(4)) return bytes([SECONDS + 2208988800 - next(100), 4], noise(4));
  return noise(stated);
}

/** One template and a set of its data, decoded both ways. */
function both(seed: number): { decoded: unknown[]; wanted: unknown[]; about: string } {
  const next = random(seed);
  for (let i = 0; i < 8; i++) next(2);
  const v9 = next(2) === 0;
  const fields: FixtureField[] = [[2, 4], ...Array.from({ length: 1 + next(24) }, () => field(next, v9))];
  if (next(2)) fields.push(fields.shift()!);
  const records = Array.from({ length: 1 + next(4) }, () => bytes(...fields.map((one) => value(next, one))));
  let body = bytes(...records, Buffer.alloc(next(4)));
  if (next(8) === 0) body = body.subarray(0, next(body.length));
  const sets = [set(v9 ? 0 : 2, template(256, fields)), set(256, body)];
  const header = { seconds: SECONDS, uptime: UPTIME };
  const payload = v9 ? netflow9(sets, header) : ipfix(sets, header);
  const flows = new CaptureDecoder().decode({ srcAddr: '192.0.2.1', payload, timestampMs: SECONDS * 1000 }).filter((record) => record.kind === 'flow');
  const wanted = referenceRows(fields, body, { exportMs: SECONDS * 1000, uptime: v9 ? UPTIME : -1 });
  const decoded = flows.map((flow) => Object.fromEntries(Object.keys(wanted[0] ?? flow).map((name) => [name, (flow as unknown as Record<string, unknown>)[name]])));
  return { decoded, wanted, about: `seed ${seed}, ${v9 ? 'NetFlow v9' : 'IPFIX'}, fields ${JSON.stringify(fields)}` };
}

test(`${CASES} random templates and data sets`, () => {
  let rows = 0;
  for (let seed = 0; seed < CASES; seed++) {
    const { decoded, wanted, about } = both(seed);
    rows += wanted.length;
    expect({ about, rows: decoded }).toEqual({ about, rows: wanted });
  }
  expect(rows).toBeGreaterThan(CASES);
}, 600_000);
