import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Errors only: a warning that nobody has to act on is noise. Formatting is Prettier's, imports between folders are
// dependency-cruiser's (.dependency-cruiser.cjs).
export default defineConfig(
  { ignores: ['dist/', 'out/', 'node_modules/', '.hullcast/', 'coverage/', 'src/web/**/*.js'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // noUncheckedIndexedAccess makes `array[i]!` the honest spelling of "i is in range here".
      '@typescript-eslint/no-non-null-assertion': 'off',
      // The compiler's noPropertyAccessFromIndexSignature style, `env['PATH']`, is used on purpose.
      '@typescript-eslint/dot-notation': 'off',
      // `as string` and `!` say the same; either reads well in its place.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // `||` on purpose where an empty text or 0 counts as nothing.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Use a named export.' },
        {
          selector: 'ImportDeclaration[source.value=/^(node:)?child_process$/]',
          message: 'Processes are started by createRunner (src/media/run.ts) only.',
        },
      ],
      'prefer-const': 'error',
      complexity: ['error', 15],
      'max-depth': ['error', 4],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 6],
    },
  },
  {
    // Tests are lists of cases; what they run (describe, it) are long functions by nature.
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      'no-console': 'off',
      'no-restricted-syntax': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Tables are what a benchmark is for; configuration files are default exports by their tools' rules.
    files: ['bench/**/*.ts', 'fixtures/**/*.ts', '*.config.ts'],
    rules: { 'no-console': 'off', 'no-restricted-syntax': 'off' },
  },
);
