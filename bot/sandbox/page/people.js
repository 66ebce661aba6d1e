// Who is signed in on a phone, and the picker that changes it.

import { api } from './api.js';
import { avatar, fill, h, icon } from './dom.js';
import { choose, form, plain } from './dialogs.js';
import { t } from './i18n.js';
import { fullName, loadState, mark, person, store } from './store.js';

/** The head of a phone: the person, and the way to another one. */
export function personButton(phone) {
  const user = person(phone.uid);
  return h(
    'button',
    { type: 'button', class: 'person-button', test: 'picker', 'aria-label': `${t('pick_person')}: ${fullName(user)}`, 'aria-haspopup': 'dialog', onclick: () => pickPerson(phone) },
    avatar(mark(user), phone.uid),
    h('span', { class: 'choice-words' }, h('strong', {}, fullName(user)), h('small', {}, user?.note || '')),
    h('span', { class: 'person-switch' }, t('pick_person'), icon('down', 18)),
  );
}

async function pickPerson(phone) {
  const items = store.users.map((user) => {
    const other = phone.app.phones.find((one) => one !== phone && one.uid === user.id);
    return {
      value: user.id,
      title: fullName(user),
      note: [user.note, user.username && `@${user.username}`].filter(Boolean).join(' · '),
      picture: avatar(mark(user), user.id),
      badge: other ? t('on_phone', { n: other.index + 1 }) : '',
      current: user.id === phone.uid,
      test: `person-${user.id}`,
    };
  });
  const footer = (close) => h('div', { class: 'dialog-actions' }, plain([icon('plus', 18), t('new_person')], () => close('new'), { test: 'new-person' }));
  const chosen = await choose(phone, t('pick_person'), items, { search: true, footer, test: 'person-dialog' });
  if (chosen === 'new') await newPerson(phone);
  else if (chosen) phone.signIn(chosen);
}

async function newPerson(phone) {
  const fields = [
    { name: 'first_name', label: t('first_name'), required: true },
    { name: 'note', label: t('note') },
    { name: 'phone', label: t('phone_number'), type: 'tel' },
  ];
  const given = await form(phone, t('new_person'), fields, t('create'));
  if (!given?.first_name) return;
  await phone.run(async () => {
    const made = await api.addPerson({ ...given, language_code: document.documentElement.lang === 'en' ? 'en' : 'zh-hans' });
    await loadState();
    phone.signIn(made.id);
  });
}

export function showTabs(holder, app) {
  fill(
    holder,
    app.phones.map((phone) => {
      const user = person(phone.uid);
      const unread = phone.rows.reduce((sum, row) => sum + row.unread, 0);
      const current = phone === app.current;
      return h(
        'button',
        { type: 'button', class: `tab ${current ? 'current' : ''}`, 'aria-current': current ? 'true' : null, test: `tab-${phone.index}`, onclick: () => app.show(phone) },
        avatar(mark(user), phone.uid, 'small'),
        h('span', {}, fullName(user)),
        unread ? h('span', { class: 'badge' }, unread > 99 ? '99+' : unread) : null,
      );
    }),
  );
}
