import { FaultCounts } from './fault-counts';

test('exporters beyond the limit are counted together; each fault is given once', () => {
  const counts = new FaultCounts(2);
  for (let i = 0; i < 10; i++) counts.add(`192.0.2.${i}`, 'truncated');
  counts.add('192.0.2.0', 'truncated');
  counts.add('192.0.2.0', 'oversize');
  const taken = (): [string, string, number][] => {
    const all: [string, string, number][] = [];
    counts.take((exporter, fault, count) => all.push([exporter, fault, count]));
    return all;
  };
  expect(taken()).toEqual([['192.0.2.0', 'truncated', 2], ['192.0.2.0', 'oversize', 1], ['192.0.2.1', 'truncated', 1], ['other', 'truncated', 8]]);
  expect(taken()).toEqual([]);
});
