import { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { parseIpRow } from '../../../schemas/ip';
import { CopyBuffer } from './copy-buffer';
import { onEachDatabase, type Server, type TestDatabase } from './testing/databases';

const column = (...addresses: string[]): Int32Array => {
  const rows = new Uint8Array(16 * addresses.length);
  addresses.forEach((text, i) => {
    if (!parseIpRow(text, rows, 16 * i)) throw new Error(text);
  });
  return new Int32Array(rows.buffer);
};

/** What the buffer writes, and the expression whose value PostgreSQL writes itself. */
const CASES: readonly (readonly [string, string, (out: CopyBuffer) => void])[] = [
  ['an IPv4 address', `'192.0.2.1'::inet`, (out) => out.inet(column('192.0.2.1'), 0)],
  ['the second address of a column', `'203.0.113.255'::inet`, (out) => out.inet(column('192.0.2.1', '203.0.113.255'), 4)],
  ['an IPv6 address', `'2001:db8::f00:1'::inet`, (out) => out.inet(column('2001:db8::f00:1'), 0)],
  ['the address 0.0.0.0', `'0.0.0.0'::inet`, (out) => out.inet(column('0.0.0.0'), 0)],
  ['no address', 'NULL::inet', (out) => out.inet(column(''), 0)],
  ['an IPv4 prefix', `'10.1.0.0/16'::cidr`, (out) => out.cidr(column('10.1.0.0'), 0, 16)],
  ['an IPv4 prefix with bits beyond its mask', `'10.1.2.128/25'::cidr`, (out) => out.cidr(column('10.1.2.200'), 0, 25)],
  ['the default route', `'0.0.0.0/0'::cidr`, (out) => out.cidr(column('10.1.2.3'), 0, 0)],
  ['an IPv6 prefix', `'2001:db8:8000::/33'::cidr`, (out) => out.cidr(column('2001:db8:ffff:1::1'), 0, 33)],
  ['an IPv6 host', `'2001:db8::1/128'::cidr`, (out) => out.cidr(column('2001:db8::1'), 0, 128)],
  ['no prefix', 'NULL::cidr', (out) => out.cidr(column(''), 0, 24)],
  ['a time', `'2008-02-03 04:05:06.789Z'::timestamptz`, (out) => out.timestamp(Date.UTC(2008, 1, 3, 4, 5, 6, 789))],
  ['a time before 2000', `'1999-12-31 23:59:59.999Z'::timestamptz`, (out) => out.timestamp(Date.UTC(1999, 11, 31, 23, 59, 59, 999))],
  ['a small bigint', '1500::bigint', (out) => out.bigint(1500)],
  ['a bigint beyond 32 bits', '1099511627777::bigint', (out) => out.bigint(2 ** 40 + 1)],
  ['the largest exact number', '9007199254740991::bigint', (out) => out.bigint(Number.MAX_SAFE_INTEGER)],
  ['a number beyond bigint', '9223372036854775807::bigint', (out) => out.bigint(2 ** 80)],
  ['a negative bigint', '(-4294967297)::bigint', (out) => out.bigint(-4294967297)],
  ['an integer', '65535::integer', (out) => out.integer(65535)],
  ['a smallint', '255::smallint', (out) => out.smallint(255)],
  ['a double', '3.25::float8', (out) => out.double(3.25)],
  ['true', 'true', (out) => out.boolean(true)],
  ['false', 'false', (out) => out.boolean(false)],
  ['a text', `'Gi0/1 – büro'::text`, (out) => out.text('Gi0/1 – büro')],
  ['a text with a zero byte, which PostgreSQL has not', `'ab'::text`, (out) => out.text('a\0b')],
  ['an empty text', `''::text`, (out) => out.text('')],
  ['a text longer than the buffer', `repeat('x', 100000)`, (out) => out.text('x'.repeat(100_000))],
  ['a null', 'NULL::text', (out) => out.null()],
];

onEachDatabase('binary COPY', (start) => {
  let server: Server;
  let db: TestDatabase;
  let client: Client;
  beforeAll(async () => {
    server = await start();
    db = await server.database();
    client = new Client({ connectionString: db.url });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await db?.drop();
    await server?.stop();
  });
  const written = async (query: string): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for await (const part of client.query(copyTo(`COPY (${query}) TO STDOUT (FORMAT binary)`))) parts.push(part as Buffer);
    return Buffer.concat(parts);
  };

  it.each(CASES)('writes %s as PostgreSQL does', async (_name, expression, write) => {
    const out = new CopyBuffer();
    out.row(1);
    write(out);
    const ours = Buffer.from(out.finished());
    expect(ours.equals(await written(`SELECT ${expression}`))).toBe(true);
  });

  it('writes rows of several fields, also after it was cleared', async () => {
    const out = new CopyBuffer();
    for (const rows of [3, 2000]) {
      out.clear();
      for (let i = 1; i <= rows; i++) {
        out.row(3);
        out.integer(i);
        out.text(`row ${i}`);
        out.null();
      }
      expect(out.rows).toBe(rows);
      expect(Buffer.from(out.finished()).equals(await written(`SELECT i, 'row ' || i, NULL::text FROM generate_series(1, ${rows}) AS i`))).toBe(true);
    }
  });
});
