// Instalment promises (分納誓約, handbook 03 §5)
/** Of one promise; a page of GraphQL shows all of them. */
export const PROMISE_INSTALMENTS_MAX = 100;
export const PROMISE_LEVIES_MAX = 200;
export const PROMISED_BY_CHARS_MAX = 100;
/** Days from the promise to its last instalment. */
export const PROMISE_DAYS_MAX = 3_650;

// Stays (執行停止, handbook 03 §6)
/** Of one proposal: the list that the second person reads shows all of them. */
export const STAY_LEVIES_MAX = 100;

// Write-offs (不納欠損, handbook 03 §6)
export const WRITE_OFF_LEVIES_MAX = 100;
/** Components of the lines of one proposal: the list that the second person reads shows all of them. */
export const WRITE_OFF_CLAIMS_MAX = 100;
