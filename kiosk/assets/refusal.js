// The centre's own sentences are Vietnamese; those that people meet most are said in their language as well.
import { language, say } from './lang.js';

const KEYS = { QUOTA_REACHED: 'quota.area', TOO_LATE: 'quota.area', HALL_CLOSED: 'closed' };

/** "07:00, 24/11", wherever the machine's own clock thinks it is. */
function when(time, zone) {
  const of = new Intl.DateTimeFormat('en-GB', { timeZone: zone || 'Asia/Ho_Chi_Minh', hour: '2-digit', minute: '2-digit', day: '2-digit', month: '2-digit', hourCycle: 'h23' });
  const part = Object.fromEntries(of.formatToParts(new Date(time)).map(({ type, value }) => [type, value]));
  return `${part.hour}:${part.minute}, ${part.day}/${part.month}`;
}

const again = (time, zone) => say('quota.again', { time: when(time, zone) });

/** When numbers are given again. */
export const openingWords = ({ text, next, zone }) => (language() === 'vi' || !next ? text : again(next, zone));

/** Why there is no number; without words of the centre it did not answer. */
export function refusalWords({ reason, message, metadata }, zone) {
  if (!message) return `${say('offline')} ${say('offline.ask')}`;
  const key = language() !== 'vi' && KEYS[reason], time = metadata?.open_time || metadata?.change_time;
  if (!key) return message;
  return `${say(key)}.${time ? ` ${again(time, zone)}.` : ''}`;
}
