import { TYPES } from 'postgraphile/@dataplan/pg';
import { jsonPgSmartTags } from 'postgraphile/utils';

/** What the catalog does not say of the tables: a balance belongs to its levy line; receipts are told apart. */
export const smartTags = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      'records.levy_balance': { tags: { foreignKey: '(levy_id) references records.levy_line (id)' } },
      'records.commit_check': { tags: { behavior: '-*' } },
    },
    attribute: {
      'records.allocation.effective_on': { tags: { behavior: '+orderBy' } },
    },
    constraint: {
      'records.receipt.receipt_reverses_id_receipt_id_fk': { tags: { foreignFieldName: 'reversal' } },
    },
  },
});

/** A type that PostGraphile does not know, of a table that is not asked for. */
export const transactionIds: GraphileConfig.Plugin = {
  name: 'TransactionIdsPlugin',
  version: '0.0.0',
  gather: {
    hooks: {
      pgCodecs_findPgCodec(_info, event) {
        if (event.pgType.typname === 'xid8') event.pgCodec ??= TYPES.text;
      },
    },
  },
};
