import { harmonic, isRightLayer, projectOf } from './diagnosis-score.ts';
import type { Judged, LineScore, Measured } from './diagnosis-score.ts';

const CONFIDENT = 0.8;

interface Lines {
  readonly cases: number;
  readonly hit: number;
  readonly precision: number;
  readonly recall: number;
  readonly recallOfRoom: number;
  /** Mean of the cases' own F1. */
  readonly meanF1: number;
  /** Of mean precision and mean recall. */
  readonly f1: number;
  readonly f1OfRoom: number;
  readonly lines: number;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function summarise(scores: readonly LineScore[]): Lines {
  const precision = mean(scores.map((score) => score.precision));
  const recall = mean(scores.map((score) => score.recall));
  const recallOfRoom = mean(scores.map((score) => score.recallOfRoom));
  return {
    cases: scores.length,
    hit: mean(scores.map(({ isHit }) => (isHit ? 1 : 0))),
    precision,
    recall,
    recallOfRoom,
    meanF1: mean(scores.map((score) => harmonic(score.precision, score.recall))),
    f1: harmonic(precision, recall),
    f1OfRoom: harmonic(precision, recallOfRoom),
    lines: mean(scores.map((score) => score.lines)),
  };
}

interface Layers {
  readonly labelled: number;
  readonly told: number;
  readonly right: number;
  readonly confident: number;
  readonly confidentWrong: number;
}

/** With its green log where there is one. */
function judgedOf({ withGreen, without }: Measured): Judged {
  return withGreen ?? without;
}

function layersOf(measured: readonly Measured[]): Layers {
  const labelled = measured.filter(({ one }) => one.layer !== undefined);
  const told = labelled.filter((each) => judgedOf(each).diagnosis.layer !== 'unknown');
  const isRight = (each: Measured): boolean => isRightLayer(judgedOf(each).diagnosis.layer, each.one.layer ?? '');
  const confident = told.filter((each) => judgedOf(each).diagnosis.confidence >= CONFIDENT);
  return {
    labelled: labelled.length,
    told: told.length,
    right: told.filter(isRight).length,
    confident: confident.length,
    confidentWrong: confident.filter((each) => !isRight(each)).length,
  };
}

function pairsOnly<T>(values: readonly (T | undefined)[]): readonly T[] {
  return values.filter((value) => value !== undefined);
}

export function render(measured: readonly Measured[], asJson: boolean): string {
  const sets = [...new Set(measured.map(({ one }) => one.set))];
  const bySet = sets.map((set) => {
    const ofSet = measured.filter(({ one }) => one.set === set);
    return {
      set,
      withoutGreen: summarise(ofSet.map(({ without }) => without)),
      last50Lines: summarise(ofSet.map(({ tail }) => tail)),
      withGreen: summarise(pairsOnly(ofSet.map(({ withGreen }) => withGreen))),
      setDifference: summarise(pairsOnly(ofSet.map(({ difference }) => difference))),
    };
  });
  const projects = [...new Set(measured.map(({ one }) => `${one.set} ${projectOf(one)}`))].toSorted();
  const byProject = projects.map((project) => {
    const ofProject = measured.filter(({ one }) => `${one.set} ${projectOf(one)}` === project);
    return { project, cases: ofProject.length, hits: ofProject.filter((each) => judgedOf(each).isHit).length };
  });
  const greens = pairsOnly(measured.map(({ onGreen }) => onGreen));
  const report = {
    bySet,
    byProject,
    layers: layersOf(measured),
    greenLogs: {
      logs: greens.length,
      withFindings: greens.filter(({ excerpt, layer }) => excerpt.length > 0 || layer !== 'unknown').length,
    },
    mbPerSecond:
      measured.reduce((sum, { bytes }) => sum + bytes, 0) / 1e3 / measured.reduce((sum, { ms }) => sum + ms, 0),
  };
  return asJson ? `${JSON.stringify(report, null, 2)}\n` : describe(report);
}

type Report = {
  readonly bySet: readonly {
    readonly set: string;
    readonly withoutGreen: Lines;
    readonly last50Lines: Lines;
    readonly withGreen: Lines;
    readonly setDifference: Lines;
  }[];
  readonly byProject: readonly { readonly project: string; readonly cases: number; readonly hits: number }[];
  readonly layers: Layers;
  readonly greenLogs: { readonly logs: number; readonly withFindings: number };
  readonly mbPerSecond: number;
};

function row(name: string, lines: Lines): string {
  const figures = [lines.precision, lines.recall, lines.recallOfRoom, lines.meanF1, lines.f1, lines.f1OfRoom];
  return [
    name.padEnd(32),
    String(lines.cases).padStart(5),
    `${(lines.hit * 100).toFixed(1)} %`.padStart(8),
    ...figures.map((figure) => figure.toFixed(2).padStart(7)),
    lines.lines.toFixed(1).padStart(8),
  ].join('');
}

function describe({ bySet, byProject, layers, greenLogs, mbPerSecond }: Report): string {
  const head = `${'lines'.padEnd(32)}cases     hit      P      R    R30   meanF1     F1   F1/30    lines`;
  const rows = bySet.flatMap(({ set, withoutGreen, last50Lines, withGreen, setDifference }) => [
    row(`${set}, no green log`, withoutGreen),
    row(`${set}, last 50 lines`, last50Lines),
    ...(withGreen.cases > 0
      ? [row(`${set}, with green log`, withGreen), row(`${set}, set difference`, setDifference)]
      : []),
  ]);
  return [
    head,
    ...rows,
    '',
    'by project (hits / cases)',
    ...byProject.map(({ project, cases, hits }) => `  ${project.padEnd(48)} ${hits} / ${cases}`),
    '',
    `layers: ${layers.right} of ${layers.told} told are right (${layers.labelled} labelled); ${layers.confidentWrong} of ${layers.confident} confident ones are wrong`,
    `green logs: something was found in ${greenLogs.withFindings} of ${greenLogs.logs}`,
    `speed: ${mbPerSecond.toFixed(0)} MB/s over all logs, unpacking and diagnosis included`,
    '',
  ].join('\n');
}
