// The list of chats on a phone: the bot first, then groups, then other persons.

import { avatar, fill, h, icon } from './dom.js';
import { choose } from './dialogs.js';
import { newGroup } from './groups.js';
import { shortWhen, t } from './i18n.js';
import { askLink } from './links.js';
import { isService, line } from './message.js';
import { fullName, mark, now, person, store, titleMark } from './store.js';

export function chatList(phone, holder) {
  const rows = [...phone.rows].sort((a, b) => rank(a) - rank(b));
  return fill(
    holder,
    h('h2', { class: 'list-title' }, t('chats')),
    h('div', { class: 'chat-list', role: 'list' }, rows.map((row) => item(phone, row))),
    h(
      'footer',
      { class: 'list-foot' },
      tool('link', 'open_link', () => askLink(phone), 'open-link'),
      tool('people', 'new_group', () => newGroup(phone), 'new-group'),
      tool('chat', 'new_chat', () => newChat(phone), 'new-chat'),
    ),
  );
}

const rank = (row) => (row.key === 'bot' ? 0 : row.key < 0 ? 1 : 2);
const tool = (name, key, run, test) => h('button', { type: 'button', class: 'tool', onclick: run, test }, icon(name), h('span', {}, t(key)));

function item(phone, row) {
  const { last } = row;
  return h(
    'button',
    { type: 'button', class: 'chat-item', role: 'listitem', test: `chat-${row.key}`, onclick: () => phone.open(row.key) },
    picture(row),
    h(
      'span',
      { class: 'chat-item-words' },
      h('span', { class: 'chat-item-top' }, h('strong', {}, row.title), row.key === 'bot' ? h('span', { class: 'tag' }, t('bot')) : null, last ? h('time', {}, shortWhen(new Date(last.date * 1000), now())) : null),
      h('span', { class: 'chat-item-bottom' }, h('span', { class: 'preview' }, preview(phone, row)), row.unread ? h('span', { class: 'badge' }, row.unread > 99 ? '99+' : row.unread) : null),
    ),
  );
}

function picture(row) {
  if (row.key === 'bot') return avatar('代', 0, 'bot');
  return row.key < 0 ? avatar(titleMark(row.title), row.key, 'square') : avatar(mark(person(row.key)), row.key);
}

function preview(phone, row) {
  if (row.key === 'bot' && row.blocked) return t('blocked');
  if (!row.member) return t('left_group');
  const { last } = row;
  if (!last) return t('no_messages');
  const who = isService(last) ? '' : last.from.id === phone.uid ? t('you') : row.key < 0 ? fullName(last.from) : '';
  const colon = document.documentElement.lang === 'en' ? ': ' : '：';
  return `${who ? who + colon : ''}${line(last)}`;
}

async function newChat(phone) {
  const items = store.users.filter((user) => user.id !== phone.uid).map((user) => ({ value: user.id, title: fullName(user), note: user.note, picture: avatar(mark(user), user.id), test: `to-${user.id}` }));
  const uid = await choose(phone, t('new_chat'), items, { search: true });
  if (uid) await phone.open(uid);
}
