import { ExporterNames } from './exporter-names';

const DEVICE = '192.0.2.1';

it.each([
  ['a sampler of IOS', { system: 1, samplerId: 3, samplerMode: 2, samplerName: 'edge' }, ['SAMPLER', '3', 'edge', '']],
  ['a selector of PSAMP', { selectorId: 9, selectorName: 'one in a thousand' }, ['SAMPLER', '9', 'one in a thousand', '']],
  ['a VRF', { ingressVRFID: 1610612736, VRFname: 'customer-a' }, ['VRF', '1610612736', 'customer-a', '']],
  ['an application', { applicationId: '03000050', applicationName: 'http', applicationDescription: 'World Wide Web' }, ['APPLICATION', '03000050', 'http', 'World Wide Web']],
])('%s has its name', (_, values, [kind, id, name, description]) => {
  expect(new ExporterNames().options(DEVICE, values, 5)).toEqual({ device: DEVICE, kind, id, name, description, time: 5 });
});

it.each([
  ['without a name', { samplerId: 3 }],
  ['with an empty name', { samplerId: 3, samplerName: '' }],
  ['without an id', { VRFname: 'customer-a' }],
  ['of an interface', { ingressInterface: 1, interfaceName: 'et1' }],
])('a record %s names nothing', (_, values) => expect(new ExporterNames().options(DEVICE, values, 5)).toBeNull());

it('a name is told once, when it changes, and again after an hour', () => {
  const names = new ExporterNames();
  const tells = (name: string, time: number): boolean => names.options(DEVICE, { samplerId: 1, samplerName: name }, time) !== null;
  expect([tells('a', 0), tells('a', 1), tells('b', 2), tells('b', 3), tells('b', 3_600_002)]).toEqual([true, false, true, false, true]);
});
