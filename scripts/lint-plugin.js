// Lint rules of this house that oxlint does not have. JavaScript, because the editor's oxlint may run on a Node
// that does not read TypeScript.

/** In the pure layers failure is a value. What cannot happen goes through `unreachable` in base/. */
const noThrow = {
  create(context) {
    return {
      ThrowStatement(node) {
        context.report({
          node,
          message: 'A pure layer returns failure as a value (#base/result.ts); it does not throw.',
        });
      },
    };
  },
};

/**
 * no-restricted-imports does not look at `import('…')`, and tsc lets through what a referenced project references.
 * The one place that loads a layer lazily is cli/, which may import them all.
 */
const noLazyTrespass = {
  create(context) {
    const check = (node) => {
      if (typeof node.source?.value !== 'string' || !node.source.value.startsWith('#')) return;
      context.report({ node, message: 'Across layers an import is static, so that the walls can see it.' });
    };
    return { ImportExpression: check, TSImportType: check };
  },
};

export default { meta: { name: 'house' }, rules: { 'no-throw': noThrow, 'no-lazy-trespass': noLazyTrespass } };
