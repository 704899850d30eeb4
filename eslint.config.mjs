import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'data/', 'schemas/generated/'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    // A processor is a function of its input: no clock, no randomness, no I/O.
    files: ['processors/**/*.ts'],
    ignores: ['processors/runtime/**', '**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'fetch', 'performance', 'process'],
      'no-restricted-properties': ['error', { object: 'Date', property: 'now' }, { object: 'Math', property: 'random' }],
      'no-restricted-syntax': ['error', { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'A processor has no clock.' }],
      'no-restricted-imports': ['error', { patterns: ['node:fs*', 'node:net', 'node:dgram', 'node:http*', 'node:worker_threads', 'fs', 'net', '**/connectors/**'] }],
    },
  },
);
