import js from '@eslint/js';
import i18next from 'eslint-plugin-i18next';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/*
 * Arrows go one way: shared (lib, api, components, locales) <- features <- app. Features never import one another.
 * Inside a folder imports are relative (`./`); across folders they go through `@/`, so that the rules below see them.
 */
const UPWARD = { regex: String.raw`^\.\.(/|$)`, message: 'Across folders import through `@/`.' };
const SHARED = { regex: '^@/(app|features)/', message: 'Shared code knows neither features nor the app.' };
const FEATURE = (name) => ({
  regex: `^@/(app/|features/(?!${name}/))`,
  message: 'Features know shared code only: neither one another nor the app.',
});
const TESTING = { regex: '^@/testing/', message: 'Product code does not import test helpers.' };
const imports = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns: [UPWARD, ...patterns] }] });

const FEATURES = ['admin', 'chat', 'compliance', 'conversations', 'decision', 'developer', 'lab', 'models', 'palette', 'usage'];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.{ts,tsx}'] })),
  ...tseslint.configs.stylisticTypeChecked.map((config) => ({ ...config, files: ['**/*.{ts,tsx}'] })),
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      complexity: ['error', 15],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      // Text is measured in code points on purpose: that is what offsets of the server count.
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    languageOptions: { globals: globals.browser },
    plugins: { i18next, 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' }],
      ...imports(TESTING),
    },
  },
  {
    files: ['src/**/*.tsx'],
    ignores: ['**/*.test.tsx'],
    plugins: { i18next },
    rules: {
      'i18next/no-literal-string': [
        'error',
        {
          mode: 'jsx-only',
          'jsx-attributes': { include: ['alt', 'aria-label', 'aria-description', 'label', 'placeholder', 'title'] },
        },
      ],
    },
  },
  { files: ['src/{lib,api,components,locales}/**/*.{ts,tsx}'], rules: imports(TESTING, SHARED) },
  ...FEATURES.map((name) => ({
    files: [`src/features/${name}/**/*.{ts,tsx}`],
    rules: imports(TESTING, FEATURE(name)),
  })),
  { files: ['src/**/*.test.{ts,tsx}', 'src/testing/**'], rules: imports() },
  { files: ['scripts/**/*.mjs', '*.js'], languageOptions: { globals: globals.node } },
);
