import { createRequire } from 'node:module';
import type PDFDocument from 'pdfkit';

export type Document = InstanceType<typeof PDFDocument>;

/** Points (1/72 inch) of a page: A4, lying. */
export const PAGE = { width: 841.89, height: 595.28, margin: 36, footer: 22 } as const;
export const CONTENT_WIDTH = PAGE.width - 2 * PAGE.margin;
export const CONTENT_BOTTOM = PAGE.height - PAGE.margin - PAGE.footer;

export const FONT = { regular: 'regular', bold: 'bold' } as const;
export const SIZE = { title: 16, text: 8.5, cell: 6.5, footer: 7 } as const;
export const COLOUR = { text: '#1a1a1a', quiet: '#555555', rule: '#b5b5b5', band: '#eceff3' } as const;

/** Of the metadata: texts of ours. */
export interface DocumentInfo {
  readonly title: string;
  readonly author: string;
  readonly at: Date;
}

/**
 * An empty document with its fonts: BIZ UDPGothic, made for official papers, of which only the characters used are
 * embedded. The library and the fonts are read when the first document is made.
 */
export async function newDocument({ title, author, at }: DocumentInfo): Promise<Document> {
  const { default: Pdf } = await import('pdfkit');
  const document = new Pdf({
    size: [PAGE.width, PAGE.height],
    // Margins are kept by the layout: the library would begin a page of its own at them.
    margin: 0,
    bufferPages: true,
    autoFirstPage: false,
    pdfVersion: '1.7',
    lang: 'ja-JP',
    displayTitle: true,
    info: {
      Title: title,
      Author: author,
      Creator: 'Kuramori',
      Producer: 'Kuramori',
      CreationDate: at,
      ModDate: at,
    },
  });
  const { resolve } = createRequire(import.meta.url);
  document.registerFont(
    FONT.regular,
    resolve('@expo-google-fonts/biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf'),
  );
  document.registerFont(
    FONT.bold,
    resolve('@expo-google-fonts/biz-udpgothic/700Bold/BIZUDPGothic_700Bold.ttf'),
  );
  return document;
}

/** What is asked of the font that a document writes with; the types of the library leave it out. */
interface Shaping {
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
}

/** Selects a shape of the character before it, and has none of its own. */
const SELECTOR = /\p{Variation_Selector}/u;

/**
 * A text as the document's font can write it: a character without a shape in it (外字, rare characters) stands as its
 * code, for an empty box would name nobody.
 * @example shaped(document, '𠮷田') // '〔U+20BB7〕田'
 */
export function shaped(document: Document, text: string): string {
  const { font } = Reflect.get(document, '_font') as Shaping;
  const isShaped = (sign: string) =>
    SELECTOR.test(sign) || font.hasGlyphForCodePoint(sign.codePointAt(0) as number);
  return [...text].map((sign) => (isShaped(sign) ? sign : codeOf(sign))).join('');
}

function codeOf(sign: string): string {
  return `〔U+${(sign.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}〕`;
}

/** The bytes of a document that ends now. */
export function bytesOf(document: Document): Promise<Buffer> {
  const ended = new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.once('end', () => resolve(Buffer.concat(chunks)));
    document.once('error', reject);
  });
  document.end();
  return ended;
}
