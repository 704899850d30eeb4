export * from './apply';
export * from './catalogue';
export * from './codec';
export * from './dead-letters';
export * from './headers';
export * from './lineage';
export * from './names';
export * from './place';
export { topicsSection } from './settings';
