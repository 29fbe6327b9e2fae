// The report as one HTML file without scripts or outside assets. Every text in it passes through `html`, which
// escapes what it is given; only what `html` itself made, and what the given renderer of summaries made safe, is let
// through as it is.
import { formatDuration } from '#base/duration.ts';
import { STYLE } from './html-style.ts';
import { count, inline } from './layout.ts';
import { jobWhy, stepRemarks } from './remarks.ts';
import type { Report, ReportJob, ReportStep } from './report.ts';
import type { Mark, ReleaseWords, SummaryOfStep } from './words.ts';
import {
  artifactsInWords,
  failuresInWords,
  flakyTestsInWords,
  findings,
  findingsInWords,
  jobMark,
  ledgerInWords,
  LEVEL_TONES,
  messageOf,
  nextInWords,
  originInWords,
  placeOf,
  releasesInWords,
  runMark,
  stepMark,
  summariesOf,
  testsInWords,
  utcMinute,
  verdictInWords,
} from './words.ts';

const MOST_FINDINGS = 200;

/** Markdown that is not trusted as HTML that is: without scripts, styles, outside assets, or names of its own. */
export type RenderSummary = (markdown: string) => string;

export interface HtmlOptions {
  /** Without it, summaries stand as they were written. */
  readonly summaryToHtml?: RenderSummary;
}

export function renderHtml(report: Report, options: HtmlOptions = {}): string {
  const mark = runMark(report);
  const name = inline(report.name || report.workflow);
  const origin = [...originInWords(report), utcMinute(report.startedAtMs)].map(inline).join(' · ');
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <title>${mark.word}: ${name}</title>
        <style>
          ${{ markup: STYLE }}
        </style>
      </head>
      <body>
        <main>
          <h1>${name}</h1>
          <p class="origin soft">${origin}</p>
          <p class="verdict ${mark.tone}">
            <strong>${mark.sign} ${verdictInWords(report)}</strong>
            <span>${ledgerInWords(report)}</span><span>run ${report.run}</span>
            ${nextInWords(report).map((line) => html`<span>${line}</span>`)}
          </p>
          ${ledgerSection(report)}
          <h2>Jobs</h2>
          ${report.jobs.map((job) => jobCard(job, report))} ${findingsSection(report)} ${testsSection(report)}
          ${artifactsSection(report)} ${releasesInWords(report).map(releaseSection)}
          ${summariesOf(report).map((each) => summarySection(each, options.summaryToHtml))}
        </main>
      </body>
    </html>`;
  return `${page.markup.replaceAll(/\n\s*/gu, '\n')}\n`;
}

function ledgerSection(report: Report): Markup {
  if (report.ledger.length === 0) return NOTHING;
  const entries = report.ledger.map((entry) => {
    const tone = entry.what === 'unproven' ? 'unsure' : 'warn';
    return html`<div class="entry">
      <b class="${tone}">${entry.what}</b>${inline(entry.where)}
      <dl>
        ${term('wanted', entry.wanted)}${term('used', entry.used)}${term('why', entry.why)}
        ${term('loss', entry.loss)}${term('until', entry.until)}
      </dl>
    </div>`;
  });
  const steps = count(report.ledger.length, 'step');
  return html`<h2>Ledger <span>${steps} down from passed</span></h2>
    <div class="card">${entries}</div>`;
}

function artifactsSection(report: Report): Markup {
  const all = artifactsInWords(report);
  if (all.length === 0) return NOTHING;
  return html`<h2>Artifacts</h2>
    <div class="card">
      <dl>${all.map(({ name, what }) => term(inline(name), what))}</dl>
    </div>`;
}

/** Jobs that need no attention are folded. */
function jobCard(job: ReportJob, report: Report): Markup {
  const mark = jobMark(job, report);
  const time = job.durationMs === null ? mark.word : formatDuration(job.durationMs);
  const said = inline(jobWhy(job, report));
  const why = said ? html`<p class="${mark.tone}">${said}</p>` : NOTHING;
  const summary = html`<summary>
    ${sign(mark)}<span class="name">${inline(job.name)}</span><time>${time}</time>${why}
  </summary>`;
  if (job.steps.length === 0) return html`<details class="card">${summary}</details>`;
  const steps = html`<ol>
    ${job.steps.map(stepItem)}
  </ol>`;
  if (job.verdict === 'passed') return html`<details class="card">${summary}${steps}</details>`;
  return html`<details class="card" open>${summary}${steps}</details>`;
}

function stepItem(step: ReportStep): Markup {
  const mark = stepMark(step);
  const time = step.verdict === null && step.conclusion === 'skipped' ? mark.word : formatDuration(step.durationMs);
  return html`<li class="step">
    ${sign(mark)}<span class="name">${inline(step.name)}</span><time>${time}</time>
    ${stepRemarks(step).map(({ kind, text }) => html`<p class="${kind === 'more' ? 'soft' : mark.tone}">${inline(text)}</p>`)}
  </li>`;
}

function findingsSection(report: Report): Markup {
  const all = findings(report);
  if (all.length === 0) return NOTHING;
  const rows = all.slice(0, MOST_FINDINGS).map((each) => {
    return html`<div class="finding">
      <span class="${LEVEL_TONES[each.level]}">${each.level}</span><code>${inline(placeOf(each))}</code>
      <span>${inline(messageOf(each))}</span>
    </div>`;
  });
  const more = all.length - rows.length;
  const rest = more > 0 ? html`<div class="finding soft">… and ${String(more)} more</div>` : NOTHING;
  return html`<h2>Findings <span>${findingsInWords(all)}</span></h2>
    <div class="card">${rows}${rest}</div>`;
}

function testsSection(report: Report): Markup {
  if (!report.tests || report.tests.total === 0) return NOTHING;
  const { named, more } = failuresInWords(report);
  const rows = named.map(
    (test) =>
      html`<div class="test">
        <b class="bad">${inline(test.name)}</b><code>${inline(placeOf(test))}</code>
        <span>${inline(test.message)}</span>
      </div>`,
  );
  const rest = more > 0 ? html`<div class="test soft">… and ${String(more)} more</div>` : NOTHING;
  const flaky = flakyTestsInWords(report).map(
    ({ name, what }) =>
      html`<div class="test"><b class="warn">flaky: ${inline(name)}</b><span>${inline(what)}</span></div>`,
  );
  return html`<h2>Tests</h2>
    <div class="card">
      <div class="entry">${testsInWords(report.tests)}</div>
      ${rows}${rest}${flaky}
    </div>`;
}

function summarySection({ where, markdown }: SummaryOfStep, toHtml: RenderSummary | undefined): Markup {
  const body = toHtml ? { markup: toHtml(markdown) } : html`<pre>${markdown}</pre>`;
  // Line breaks as references: those of the page are tidied, those in a summary's code are not the page's.
  const kept = { markup: body.markup.replaceAll('\n', '&#10;') };
  return html`<h2>Summary <span>${inline(where)}</span></h2>
    <div class="card summary">${kept}</div>`;
}

function releaseSection(release: ReleaseWords): Markup {
  const proof = release.isVerified ? ', and it answers' : ', not verified';
  const serving = release.stillServing ? `still ${release.stillServing}${proof}` : 'nothing';
  const rest = release.isLive
    ? term('before', release.previous || 'nothing, this is the first release')
    : html`${term('why', release.why)}${term('serving', serving)}`;
  return html`<h2>${release.isLive ? 'Live' : 'Not live'}</h2>
    <div class="card">
      <div class="entry">
        <b class="${release.isLive ? 'good' : 'bad'}">${inline(release.what)}</b>${inline(release.environment)}
        ${inline(release.version)}
        <dl>${address(release.address)}${rest}</dl>
      </div>
    </div>`;
}

/** Only web addresses become links: a `javascript:` one must not. */
function address(text: string): Markup {
  const clean = inline(text);
  if (!/^https?:\/\//iu.test(clean)) return term('address', clean);
  return html`<dt>address</dt>
    <dd><a href="${clean}" rel="noreferrer noopener">${clean}</a></dd>`;
}

function term(label: string, text: string | undefined): Markup {
  const clean = inline(text ?? '');
  return clean === ''
    ? NOTHING
    : html`<dt>${label}</dt>
        <dd>${clean}</dd>`;
}

function sign(mark: Mark): Markup {
  return html`<span class="sign ${mark.tone}" title="${mark.word}">${mark.sign}</span>`;
}

interface Markup {
  readonly markup: string;
}

const NOTHING: Markup = { markup: '' };

function html(parts: TemplateStringsArray, ...values: readonly (string | Markup | readonly Markup[])[]): Markup {
  const markup = parts.map((part, index) => (index === 0 ? part : insert(values[index - 1]) + part)).join('');
  return { markup };
}

function insert(value: string | Markup | readonly Markup[] | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escaped(value);
  return 'markup' in value ? value.markup : value.map((each) => each.markup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (character) => ENTITIES[character] ?? '');
}
