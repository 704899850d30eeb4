import { NetWeaverError } from '../infra/errors';
import { jsonLine, printRows, reportError, short, table } from './output';

const captured = (stream: NodeJS.WriteStream, use: () => void): string => {
  let text = '';
  const spy = jest.spyOn(stream, 'write').mockImplementation((part) => ((text += String(part)), true));
  use();
  spy.mockRestore();
  return text;
};

test('a table has its columns aligned, numbers to the right', () => {
  expect(table([{ name: 'a', bytes: 5 }, { name: 'long', bytes: 1234 }, { name: null, bytes: null }], ['name', 'bytes'])).toEqual(['name  bytes', 'a         5', 'long   1234', '']);
});

test('what would move the cursor is taken out of a cell', () => {
  expect(table([{ name: 'a\x1b[2J\tb' }], ['name'])).toEqual(['name', 'a [2J b']);
});

test('JSON lines keep big numbers exact, show bytes and choose columns', () => {
  expect(jsonLine({ small: 7n, big: 2n ** 63n, bytes: Buffer.from([1, 255]), at: new Date(0) })).toBe('{"small":7,"big":"9223372036854775808","bytes":"01ff","at":"1970-01-01T00:00:00.000Z"}');
  expect(captured(process.stdout, () => printRows([{ a: 1, b: 2 }, { a: 3, b: 4 }], { json: true, columns: ['b'] }))).toBe('{"b":2}\n{"b":4}\n');
});

test('no rows print the head of the table when it is known, and no JSON line', () => {
  expect(captured(process.stdout, () => printRows([], { json: false, columns: ['a', 'b'] }))).toBe('a  b\n');
  expect(captured(process.stdout, () => printRows([], { json: true, columns: ['a', 'b'] }))).toBe('');
});

test.each([
  [0, '0'],
  [7.25, '7.25'],
  [42, '42'],
  [999, '999'],
  [999.7, '1.00 k'],
  [1_234_567, '1.23 M'],
  [98_765_432_109, '98.8 G'],
  [-5_000, '-5.00 k'],
])('%d is short for people as %s', (value, expected) => expect(short(value)).toBe(expected));

describe('errors', () => {
  afterEach(() => (process.exitCode = 0));

  test('a coded one says what it means and what to do, and sets its exit code', () => {
    const text = captured(process.stderr, () => reportError(new NetWeaverError('NW_PORT_IN_USE', 'UDP 2055 (collector.netflowPort).')));
    expect(text).toMatch(/^NW_PORT_IN_USE: A port is taken\. UDP 2055 \(collector\.netflowPort\)\.\n {2}data: .+\n {2}do: .+\n$/);
    expect(process.exitCode).toBe(3);
  });

  test('any other is a fault of the program: with its stack, exit code 1', () => {
    expect(captured(process.stderr, () => reportError(new Error('bug')))).toContain('output.test.ts');
    expect(process.exitCode).toBe(1);
  });
});
