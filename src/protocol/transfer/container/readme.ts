import { inGroups } from '../keys.js';
import type { OuterRecord } from '../outerRecord.js';

/** README.txt of a package: for whoever holds the medium in his hands. No personal data. */
export function readmeText(outer: OuterRecord, contact: string): string {
  const { packageId, seriesNo, sender, ciphertext } = outer;
  return `移管データ  Transfer package
============================

packageId  ${packageId}
seriesNo   ${seriesNo}
sender     ${sender.name} (${sender.bodyCode})
contact    ${contact}
bytes      ${ciphertext.bytes}

package.age の SHA-256 (4文字ずつ)  SHA-256 of package.age, in groups of four
${inGroups(ciphertext.sha256)}

確認と開封
----------
1. 送付元の署名鍵で package.json の署名を確認します。
   openssl pkeyutl -verify -pubin -inkey sender.pem -rawin -in package.json -sigfile package.json.sig
2. sha256sum package.age の結果を、上の値および package.json の値と照合します。
3. 受領側の鍵で開封します。  age -d -i identity.txt -o payload.tar package.age
4. tar -xf payload.tar で取り出し、manifest.json の署名 manifest.sig を 1 と同じ方法で確認します。
5. manifest.json の recipient が自機関であること、files の件数・SHA-256 が一致することを確認します。
一つでも一致しないときは開封した内容を使わず、送付元へ連絡してください。

How to verify and open
----------------------
1. Verify the signature of package.json with the sender's key (first command above).
2. Compare sha256sum package.age with the value above and with package.json.
3. Open with your own key:  age -d -i identity.txt -o payload.tar package.age
4. Unpack payload.tar and verify manifest.sig over manifest.json as in step 1.
5. Check that the recipient in manifest.json is you, and every file, size and SHA-256.
If anything differs, use nothing of it and tell the sender.
`;
}
