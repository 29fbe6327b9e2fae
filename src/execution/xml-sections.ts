const CDATA = '<![CDATA[';
const START = /<!\[CDATA\[|<!--/g;

/**
 * Text for an XML parser that keeps a section until it ends: no section goes beyond the piece of text in which it stands, so
 * that the parser keeps no more than a piece. Comments are left out.
 */
export class Sections {
  #within: 'text' | 'cdata' | 'comment' = 'text';
  /** The end of a piece that may be the beginning of a mark. */
  #held = '';

  take(piece: string): string {
    const text = this.#held + piece;
    this.#held = '';
    let taken = this.#within === 'cdata' ? CDATA : '';
    for (let at = 0; ;) {
      if (this.#within === 'text') {
        const mark = new RegExp(START);
        mark.lastIndex = at;
        const start = mark.exec(text);
        if (!start) return taken + this.#hold(text, at, beginOfMark(text, at));
        this.#within = start[0] === CDATA ? 'cdata' : 'comment';
        const behind = start.index + start[0].length;
        taken += text.slice(at, this.#within === 'cdata' ? behind : start.index);
        at = behind;
        continue;
      }
      const mark = this.#within === 'cdata' ? ']]>' : '-->';
      const end = text.indexOf(mark, at);
      if (end < 0) {
        const kept = this.#hold(text, at, Math.max(at, text.length - 2));
        return this.#within === 'cdata' ? `${taken}${kept}]]>` : taken;
      }
      if (this.#within === 'cdata') taken += text.slice(at, end + mark.length);
      this.#within = 'text';
      at = end + mark.length;
    }
  }

  /** What is left when nothing follows. */
  end(): string {
    return this.#within === 'comment' ? '' : `${this.#within === 'cdata' ? CDATA : ''}${this.#held}`;
  }

  #hold(text: string, from: number, to: number): string {
    this.#held = text.slice(to);
    return text.slice(from, to);
  }
}

/** Where a mark begins that may go on in the next piece; the end when none does. */
function beginOfMark(text: string, from: number): number {
  const at = text.lastIndexOf('<');
  return at >= from && text.length - at < CDATA.length ? at : text.length;
}
