export * from './catalogue';
export * from './headers';
export * from './names';
export { topicsSection } from './settings';
