import { Book } from '../../src/demonstration/book.js';
import { dayNo, OfficeCalendar } from '../../src/demonstration/days.js';

const HOLIDAYS = [
  '2025-11-03',
  '2025-11-24',
  '2026-01-01',
  '2026-05-03',
  '2026-05-04',
  '2026-05-05',
  '2026-05-06',
  '2026-11-03',
];
const ITEMS = [
  'residentTaxOrdinary',
  'residentTaxPayroll',
  'residentTaxPension',
  'fixedAssetTax',
  'lightVehicleTax',
  'corporateTax',
  'nhiTax',
  'nhiPremium',
];

/** A book without a database: a few holidays, the rates of handbook 02 §3, all tax items. */
export function emptyBook(seed = 1, today = '2026-11-01'): Book {
  const low = { lowTenths: 24, highTenths: 87, graceTenths: 9 };
  return new Book(seed, dayNo(today), {
    calendar: new OfficeCalendar(new Set(HOLIDAYS)),
    rates: new Map([
      [2023, low],
      [2024, low],
      [2025, low],
      [2026, { lowTenths: 28, highTenths: 91, graceTenths: 13 }],
    ]),
    taxItems: new Map(ITEMS.map((item, at) => [item, String(at + 1).padStart(3, '0')])),
  });
}
