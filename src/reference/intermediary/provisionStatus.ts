import { NAME_STATUS } from '../../protocol/intermediary/status.js';
import type { Provision } from './body.js';

/** 特定個人情報名単位のステータス of a provision. */
export function nameStatusOf({ state }: Pick<Provision, 'state'>): string {
  return {
    WAITING: NAME_STATUS.waiting,
    PROVIDED: NAME_STATUS.provided,
    NO_DATA: NAME_STATUS.noData,
    REFUSED: NAME_STATUS.refused,
  }[state];
}
