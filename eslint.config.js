const { defineConfig, globalIgnores } = require("eslint/config");
const tseslint = require("typescript-eslint");

const PROCESS_ENV = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: "Only config reads the environment.",
};
const WIPED_FIELD = {
  selector: "ClassDeclaration[superClass] > ClassBody > PropertyDefinition[declare=false][static=false]",
  message: "A plain field is wiped after super() has set the output: write `declare readonly`.",
};

module.exports = defineConfig(
  globalIgnores(["dist/", "build/", "coverage/", "examples/", "templates/"]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: __dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
      ],
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      // record["key"] shows that the key may be missing.
      "@typescript-eslint/dot-notation": "off",
      eqeqeq: "error",
      "no-console": "error",
      "no-restricted-syntax": ["error", PROCESS_ENV],
      "prefer-const": "error",
    },
  },
  // Where the environment comes in: to be handed to config, or on to the processes that the engine starts.
  {
    files: ["index.ts", "providers/handlers/connections.ts", "engine/**/*.ts", "tasks/relay/provider-process.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  { files: ["providers/*.ts"], rules: { "no-restricted-syntax": ["error", PROCESS_ENV, WIPED_FIELD] } },
  {
    files: ["config/**/*.ts", "sandbox/**/*.ts", "test/**/*.ts", "bench/**/*.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  {
    files: ["**/*.test.ts", "test/**/*.ts", "bench/**/*.ts"],
    rules: {
      "no-console": "off",
      "no-restricted-syntax": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-meaningless-void-operator": "off",
    },
  },
);
