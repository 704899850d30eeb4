export * from './apply';
export * from './catalogue';
export * from './codec';
export * from './headers';
export * from './names';
export { topicsSection } from './settings';
