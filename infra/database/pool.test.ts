import { databaseFault } from './pool';

test.each([
  ['08006', 'unreachable'], ['57P01', 'unreachable'], ['53300', 'unreachable'], ['ECONNREFUSED', 'unreachable'],
  ['40P01', 'transient'], ['40001', 'transient'], ['53100', 'transient'], ['55P03', 'transient'], ['XX000', 'transient'],
  ['22003', 'data'], ['23514', 'data'],
  ['28P01', 'refused'], ['42501', 'refused'], ['3D000', 'refused'], ['XX001', 'refused'],
])('SQLSTATE %s is %s', (code, fault) => {
  expect(databaseFault(Object.assign(new Error('of the server'), { code }))).toBe(fault);
});
