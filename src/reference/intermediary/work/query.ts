import { dayInJapan } from '../../../kernel/dates.js';
import type { AnswerBody } from '../../../protocol/intermediary/answer.js';
import type { EnvelopeOf } from '../../../protocol/intermediary/message.js';
import { messagesOf, type Body } from '../body.js';
import type { Exchange } from '../exchange.js';
import { worked, type Worked } from './answers.js';

/** Questions that change nothing. */
export function query(exchange: Exchange, body: Body, envelope: EnvelopeOf<'query'>): Worked {
  return worked<'query'>('DONE', answerTo(exchange, body, envelope));
}

function answerTo(exchange: Exchange, own: Body, { body }: EnvelopeOf<'query'>): AnswerBody<'query'> {
  switch (body.ask) {
    case 'codeStatus':
      return {
        ask: body.ask,
        state: exchange.network.codeState(own.bodyCode, body.unifiedAddresseeNo),
      };
    case 'message': {
      const kept = messagesOf(own).get(body.messageId);
      return { ask: body.ask, state: kept === undefined ? 'UNKNOWN' : (kept.answer?.status ?? 'ACCEPTED') };
    }
    case 'handshake':
      return {
        ask: body.ask,
        layoutVersions: layoutsInForce(exchange).filter((version) => body.layoutVersions.includes(version)),
      };
    case 'keyStatus': {
      const { keyId, since } = exchange.keys.current();
      return { ask: body.ask, keyId, since };
    }
  }
}

/** Versions of the standard layout (標準レイアウト) that are understood today. */
export function layoutsInForce({ layouts, clock }: Exchange): string[] {
  const day = dayInJapan(clock.now()).toString();
  return layouts
    .filter(({ validFrom, validTo }) => validFrom <= day && day <= validTo)
    .map(({ version }) => version);
}
