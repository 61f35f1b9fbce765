import { byId } from './live.js';
import { say } from './lang.js';
import { fact } from './confirm.js';

/** Where something is received that is not received here; `prints`: the way there comes on paper. */
export function drawElsewhere(wish, prints) {
  byId('elsewhere-print').disabled = !prints;
  byId('elsewhere-printed').textContent = '';
  if (wish.referral) {
    byId('elsewhere-title').textContent = say('elsewhere.title');
    byId('elsewhere-name').textContent = wish.referral.name;
    fact('elsewhere-office', wish.referral.office);
    fact('elsewhere-address', wish.referral.address);
    fact('elsewhere-hours', wish.referral.hours);
    fact('elsewhere-from', '');
    byId('elsewhere-ask').hidden = true;
    return;
  }
  const { procedure } = wish;
  fact('elsewhere-address', '');
  byId('elsewhere-name').textContent = procedure.name;
  const planned = procedure.reception === 'planned';
  byId('elsewhere-title').textContent = say(planned ? 'planned.title' : 'elsewhere.title');
  fact('elsewhere-office', procedure.agency_office);
  fact('elsewhere-hours', procedure.agency_hours);
  fact('elsewhere-from', planned ? procedure.start_date : '');
  byId('elsewhere-ask').hidden = !!procedure.agency_office || (planned && !!procedure.start_date);
}
