const toCommonJs = (ignoreDynamic) => ({ jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs', ignoreDynamic } });

/** Compiled by swc, which does not check types: `npm run build` does. */
module.exports = {
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/data/'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', toCommonJs(true)],
    // Loads node:http by import(), which jest's module system cannot do.
    '/otlp-exporter-base/.+\\.js$': ['@swc/jest', toCommonJs(false)],
  },
  transformIgnorePatterns: ['/node_modules/(?!@opentelemetry/otlp-exporter-base/)'],
  testTimeout: 60_000,
};
