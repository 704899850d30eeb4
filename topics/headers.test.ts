import { eventHeaders, formatCauses, parseCauses } from './headers';

describe('the headers of an event', () => {
  const event = { id: 'flows.raw/3/100', source: '/netweaver/dedup/3', type: 'netweaver.flows.FlowBatch', timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) };

  test('are CloudEvents in the binary binding', () => {
    expect(eventHeaders(event)).toEqual({
      ce_specversion: '1.0',
      ce_id: 'flows.raw/3/100',
      ce_source: '/netweaver/dedup/3',
      ce_type: 'netweaver.flows.FlowBatch',
      ce_time: '2026-01-02T03:04:05.678Z',
    });
  });

  test('carry causes and the trace where there are any', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const causes = { ranges: [{ topic: 'flows.raw', partition: 3, first: 100, last: 120 }], config: 'ab12' };
    expect(eventHeaders({ ...event, causes, traceparent })).toMatchObject({ causes: 'flows.raw/3/100-120 config=ab12', traceparent });
  });
});

describe('causes', () => {
  test.each([
    ['nothing', { ranges: [] }, ''],
    ['a single record', { ranges: [{ topic: 'flows.raw', partition: 0, first: 7, last: 7 }] }, 'flows.raw/0/7-7'],
    [
      'several ranges, a configuration and a model',
      {
        ranges: [
          { topic: 'lab.flows_raw-v2', partition: 11, first: 0, last: 2 ** 53 - 1 },
          { topic: 'late', partition: 0, first: 1, last: 2 },
        ],
        config: '9f2c',
        model: 'lstm@77',
      },
      'lab.flows_raw-v2/11/0-9007199254740991 late/0/1-2 config=9f2c model=lstm@77',
    ],
  ])('of %s are written and read again', (_, causes, text) => {
    expect(formatCauses(causes)).toBe(text);
    expect(parseCauses(text)).toEqual({ config: undefined, model: undefined, ...causes });
  });

  test('of a later writer are read as far as they are known', () => {
    expect(parseCauses('late/0/1-2 twin=3')).toEqual({ ranges: [{ topic: 'late', partition: 0, first: 1, last: 2 }] });
  });

  test.each(['flows.raw', 'flows.raw/1', 'flows.raw/x/1-2', 'flows.raw/1/2-1', 'flows.raw/1/-2', 'a b/1/2-3', 'flows.raw/1/1-99999999999999999', 'flows.raw/1/1-9999999999999999'])("'%s' are refused", (text) => {
    expect(() => parseCauses(text)).toThrow(expect.objectContaining({ code: 'NW_SCHEMA_MALFORMED' }) as Error);
  });
});
