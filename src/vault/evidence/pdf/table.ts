import { setImmediate as turn } from 'node:timers/promises';
import type { EvidenceColumn } from '../../../audit/evidence/evidence.js';
import { EVIDENCE_TURN_LINES } from '../../../kernel/limits.js';
import { COLOUR, CONTENT_BOTTOM, CONTENT_WIDTH, FONT, PAGE, shaped, SIZE, type Document } from './page.js';

const PADDING = { x: 3, y: 2.5 } as const;
/** Between the lines of a cell: Latin letters would otherwise touch. */
const LINE_GAP = 1.2;
/** Of one line; what does not fit it ends in an ellipsis, and is whole in the CSV. */
const ROW_HEIGHT_MAX = 90;

interface Column {
  readonly heading: string;
  readonly x: number;
  readonly width: number;
}

/**
 * Draws a table from the document's present height on. It breaks over pages between lines, and its headings stand on
 * each.
 * @param newPage begins a page and tells the height at which the table goes on
 */
export async function drawTable(
  document: Document,
  columns: readonly EvidenceColumn[],
  rows: readonly (readonly string[])[],
  top: number,
  newPage: () => number,
): Promise<void> {
  const places = placesOf(columns);
  let y = drawHeadings(document, places, top);
  for (const [at, cells] of rows.entries()) {
    if (at % EVIDENCE_TURN_LINES === EVIDENCE_TURN_LINES - 1) await turn();
    document.font(FONT.regular).fontSize(SIZE.cell);
    const row = cells.map((cell) => shaped(document, cell));
    const height = heightOf(document, places, row);
    if (y + height > CONTENT_BOTTOM) y = drawHeadings(document, places, newPage());
    y = drawRow(document, places, row, y, height);
  }
}

function placesOf(columns: readonly EvidenceColumn[]): readonly Column[] {
  const total = columns.reduce((sum, { width }) => sum + width, 0);
  let x: number = PAGE.margin;
  return columns.map(({ heading, width }) => {
    const place = { heading, x, width: (width / total) * CONTENT_WIDTH };
    x += place.width;
    return place;
  });
}

function drawHeadings(document: Document, places: readonly Column[], y: number): number {
  document.font(FONT.bold).fontSize(SIZE.cell);
  const headings = places.map(({ heading }) => heading);
  const height = heightOf(document, places, headings);
  document.rect(PAGE.margin, y, CONTENT_WIDTH, height).fill(COLOUR.band);
  const bottom = drawRow(document, places, headings, y, height);
  document.font(FONT.regular).fontSize(SIZE.cell);
  return bottom;
}

function drawRow(
  document: Document,
  places: readonly Column[],
  cells: readonly string[],
  y: number,
  height: number,
): number {
  document.fillColor(COLOUR.text);
  for (const [at, { x, width }] of places.entries()) {
    const text = cells[at] as string;
    if (text === '') continue;
    const size = { width: width - 2 * PADDING.x, height: height - 2 * PADDING.y + 1 };
    document.text(text, x + PADDING.x, y + PADDING.y, { ...size, lineGap: LINE_GAP, ellipsis: '…' });
  }
  const bottom = y + height;
  document.lineWidth(0.4).strokeColor(COLOUR.rule);
  document
    .moveTo(PAGE.margin, bottom)
    .lineTo(PAGE.margin + CONTENT_WIDTH, bottom)
    .stroke();
  return bottom;
}

function heightOf(document: Document, places: readonly Column[], cells: readonly string[]): number {
  const heights = places.map(({ width }, at) =>
    document.heightOfString(cells[at] as string, { width: width - 2 * PADDING.x, lineGap: LINE_GAP }),
  );
  return Math.min(Math.max(...heights) + 2 * PADDING.y, ROW_HEIGHT_MAX);
}
