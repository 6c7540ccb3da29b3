import type { EvidenceColumn } from '../../../audit/evidence/evidence.js';
import {
  bytesOf,
  COLOUR,
  CONTENT_WIDTH,
  FONT,
  newDocument,
  PAGE,
  shaped,
  SIZE,
  type Document,
} from './page.js';
import { reserveSignature } from './signature.js';
import { drawTable } from './table.js';

/** What a paper of evidence shows. */
export interface EvidencePaper {
  readonly title: string;
  /** 全国地方公共団体コード. */
  readonly municipality: string;
  /** Name and value of each particular, in the order in which they stand. */
  readonly particulars: readonly (readonly [name: string, value: string])[];
  /** Sentences under them. */
  readonly notes: readonly string[];
  readonly columns: readonly EvidenceColumn[];
  readonly rows: readonly (readonly string[])[];
  /** At the foot of every page. */
  readonly foot: string;
  readonly at: Date;
}

const NAME_WIDTH = 120;
const NO_LINES = '該当する記録はありません。';

/**
 * Draws a paper of evidence: A4, lying, Japanese, with its fonts in it.
 * @returns the document with a reserved place for its signature
 */
export async function drawPaper(paper: EvidencePaper): Promise<Buffer> {
  const author = `全国地方公共団体コード ${paper.municipality}`;
  const document = await newDocument({ title: paper.title, author, at: paper.at });
  const newPage = () => {
    document.addPage();
    return PAGE.margin;
  };
  newPage();
  document.font(FONT.regular);
  reserveSignature(document, { name: author, reason: `証跡の発行 ${paper.title}`, at: paper.at });
  const top = drawHead(document, paper);
  if (paper.rows.length === 0) drawNothing(document, top);
  else await drawTable(document, paper.columns, paper.rows, top, newPage);
  drawFeet(document, paper.foot);
  return bytesOf(document);
}

/** @returns the height below the head */
function drawHead(document: Document, { title, particulars, notes }: EvidencePaper): number {
  document.font(FONT.bold).fontSize(SIZE.title).fillColor(COLOUR.text);
  document.text(title, PAGE.margin, PAGE.margin, { width: CONTENT_WIDTH });
  let y = PAGE.margin + document.heightOfString(title, { width: CONTENT_WIDTH }) + 8;
  document.fontSize(SIZE.text);
  for (const [name, told] of particulars) {
    const value = shaped(document.font(FONT.regular), told);
    document.font(FONT.bold).fillColor(COLOUR.quiet).text(name, PAGE.margin, y, { width: NAME_WIDTH });
    const width = CONTENT_WIDTH - NAME_WIDTH;
    document
      .font(FONT.regular)
      .fillColor(COLOUR.text)
      .text(value, PAGE.margin + NAME_WIDTH, y, { width });
    y += document.heightOfString(value, { width }) + 3;
  }
  y += 3;
  document.fontSize(SIZE.footer).fillColor(COLOUR.quiet);
  for (const note of notes) {
    document.text(note, PAGE.margin, y, { width: CONTENT_WIDTH });
    y += document.heightOfString(note, { width: CONTENT_WIDTH }) + 1.5;
  }
  return y + 8;
}

function drawNothing(document: Document, y: number): void {
  document.font(FONT.regular).fontSize(SIZE.text).fillColor(COLOUR.text);
  document.text(NO_LINES, PAGE.margin, y, { width: CONTENT_WIDTH });
}

/** Page numbers are known when the last page is. */
function drawFeet(document: Document, foot: string): void {
  const { count } = document.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    document.switchToPage(page);
    document.font(FONT.regular).fontSize(SIZE.footer).fillColor(COLOUR.quiet);
    const y = PAGE.height - PAGE.margin - SIZE.footer;
    document.text(foot, PAGE.margin, y, { width: CONTENT_WIDTH - 80, lineBreak: false });
    const place = { width: CONTENT_WIDTH, align: 'right', lineBreak: false } as const;
    document.text(`${page + 1} / ${count} 頁`, PAGE.margin, y, place);
  }
}
