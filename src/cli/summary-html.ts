// The summary of a step, GitHub-flavoured Markdown with HTML in it, as HTML that cannot do anything. Loads two libraries:
// import this file when there is a summary to show.
import { marked } from 'marked';
import sanitize from 'sanitize-html';

const TEXT_TAGS = ['b', 'strong', 'i', 'em', 'del', 's', 'ins', 'sub', 'sup', 'code', 'kbd', 'samp', 'var', 'tt', 'q'];
const BLOCK_TAGS = ['p', 'div', 'br', 'hr', 'pre', 'blockquote', 'details', 'summary', 'h3', 'h4', 'h5', 'h6'];
const LIST_TAGS = ['ul', 'ol', 'li', 'dl', 'dt', 'dd', 'input'];
const TABLE_TAGS = ['table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'];

/** The page around it has two levels of headings of its own. */
const OWN_HEADINGS = { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6' } as const;

/** What is not named here is left out; of an element that is left out, its text stays, but for scripts and styles. */
const ALLOWED: sanitize.IOptions = {
  allowedTags: ['a', 'span', ...TEXT_TAGS, ...BLOCK_TAGS, ...LIST_TAGS, ...TABLE_TAGS],
  allowedAttributes: {
    a: ['href', 'rel', 'title'],
    ol: ['start', 'type'],
    details: ['open'],
    input: ['type', 'checked', 'disabled'],
    th: ['align', 'colspan', 'rowspan', 'scope'],
    td: ['align', 'colspan', 'rowspan'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  transformTags: {
    ...OWN_HEADINGS,
    a: (tagName, { href = '', title }) => ({
      tagName,
      // A path or a fragment would mean something else on this page.
      attribs: {
        ...(/^(https?:|mailto:)/i.test(href) ? { href } : {}),
        rel: 'noreferrer noopener',
        ...(title ? { title } : {}),
      },
    }),
    // The page loads nothing from outside: a picture is named, and can be gone to.
    img: (_tagName, { src = '', alt }) => ({
      tagName: 'a',
      attribs: { ...(/^https?:/i.test(src) ? { href: src } : {}), rel: 'noreferrer noopener' },
      text: alt || 'picture',
    }),
    input: (tagName, { type = '', checked }) => ({
      tagName,
      attribs: { type, disabled: '', ...(checked === undefined ? {} : { checked: '' }) },
    }),
  },
  exclusiveFilter: ({ tag, attribs }) => tag === 'input' && attribs['type'] !== 'checkbox',
  nestingLimit: 60,
};

export function summaryToHtml(markdown: string): string {
  return sanitize(marked.parse(markdown, { async: false, gfm: true }), ALLOWED);
}
