import { InterfaceNames } from './interface-names';

const DEVICE = '192.0.2.1';
const HOUR = 3_600_000;
const sample = { ifIndex: 3, ifName: 'port3', speed: 1e9, adminUp: true, operUp: true };

describe('options data', () => {
  it.each([
    ['of IOS: index, name and description', { system: 1, ingressInterface: 7, interfaceName: 'Gi0/7', interfaceDescription: 'GigabitEthernet0/7' }, [7, 'Gi0/7', 'GigabitEthernet0/7']],
    ['with the interface as scope of v9', { interface: 9, interfaceName: 'et9' }, [9, 'et9', '']],
    ['with a description alone', { ingressInterface: 2 ** 32 - 1, interfaceDescription: 'HundredGigE0/0/0/1' }, [2 ** 32 - 1, '', 'HundredGigE0/0/0/1']],
    ['with an output interface', { egressInterface: 4, interfaceName: 'out' }, [4, 'out', '']],
    ['with control characters and more than anyone names an interface', { ingressInterface: 1, interfaceName: `a\0\nb${'x'.repeat(300)}` }, [1, `a b${'x'.repeat(252)}`, '']],
  ])('%s', (_, values, [ifIndex, name, description]) => {
    expect(new InterfaceNames().options(DEVICE, values, 5)).toEqual({ device: DEVICE, ifIndex, time: 5, source: 'OPTIONS', deviceName: '', name, alias: '', description, speed: null, adminUp: null, operUp: null });
  });

  it.each([
    ['of samplers', { samplerId: 1, samplerName: 'one' }],
    ['without an index', { interfaceName: 'et9' }],
    ['with index 0, which is no interface', { ingressInterface: 0, interfaceName: 'none' }],
    ['with an empty name', { ingressInterface: 1, interfaceName: '' }],
    ['whose index is no number', { ingressInterface: 'ff', interfaceName: 'et9' }],
  ])('%s names nothing', (_, values) => expect(new InterfaceNames().options(DEVICE, values as never, 0)).toBeNull());
});

it('counter samples with a port name tell speed and status too; without one nothing', () => {
  const names = new InterfaceNames();
  expect(names.sample(DEVICE, sample, 5)).toEqual({ device: DEVICE, ifIndex: 3, time: 5, source: 'SFLOW', deviceName: '', name: 'port3', alias: '', description: '', speed: 1e9, adminUp: true, operUp: true });
  expect(names.sample(DEVICE, { ...sample, ifName: '' }, 5)).toBeNull();
  expect(names.sample('', sample, 5)).toBeNull();
});

it('what did not change is told again after an hour, what changed at once', () => {
  const names = new InterfaceNames();
  const tells = (over: object, time: number): boolean => names.sample(DEVICE, { ...sample, ...over }, time) !== null;
  expect([tells({}, 0), tells({}, 1), tells({}, HOUR - 1), tells({}, HOUR), tells({}, HOUR + 1)]).toEqual([true, false, false, true, false]);
  expect([tells({ operUp: false }, HOUR + 2), tells({ operUp: false }, HOUR + 3)]).toEqual([true, false]);
});

it('sources and devices are apart', () => {
  const names = new InterfaceNames();
  expect(names.sample(DEVICE, sample, 0)).not.toBeNull();
  expect(names.sample('192.0.2.2', sample, 0)).not.toBeNull();
  expect(names.options(DEVICE, { ingressInterface: 3, interfaceName: 'port3' }, 0)).not.toBeNull();
  expect(names.sample(DEVICE, sample, 1)).toBeNull();
});

it('knows so many interfaces, and of more those told last', () => {
  const names = new InterfaceNames(3);
  const tells = (ifIndex: number): boolean => names.sample(DEVICE, { ...sample, ifIndex }, 0) !== null;
  expect([1, 2, 3, 4].map(tells)).toEqual([true, true, true, true]);
  expect([4, 3, 2].map(tells)).toEqual([false, false, false]);
  expect([1, 2].map(tells)).toEqual([true, true]);
});
