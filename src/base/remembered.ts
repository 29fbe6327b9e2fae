/**
 * The same pure function, which works out its answer once for each object. For what never changes: asked again for an
 * object that was changed, it gives the answer of before.
 */
export function remembered<K extends object, V>(answer: (key: K) => V): (key: K) => V {
  const answers = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    let known = answers.get(key);
    if (known === undefined) {
      known = { value: answer(key) };
      answers.set(key, known);
    }
    return known.value;
  };
}
