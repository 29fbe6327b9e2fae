export interface Greeting {
  readonly text: string;
}

export function greeting(name: string): Greeting {
  return { text: `hello ${name}` };
}
