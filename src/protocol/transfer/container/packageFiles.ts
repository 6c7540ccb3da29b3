/** The folder of a package, `TRANSFER-<packageId>`, and what lies in it (handbook 13 §5). */
export const PACKAGE_FILES = {
  ciphertext: 'package.age',
  outer: 'package.json',
  outerSignature: 'package.json.sig',
  readme: 'README.txt',
} as const;

/** Inside the ciphertext, beside the data files. */
export const MANIFEST_FILE = 'manifest.json';
export const MANIFEST_SIGNATURE_FILE = 'manifest.sig';

/** Name of the folder of a package. */
export function packageFolderName(packageId: string): string {
  return `TRANSFER-${packageId}`;
}
