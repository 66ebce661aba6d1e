// Where a link leads: Telegram's own links stay inside the phone, others open a new tab.

import { api } from './api.js';
import { avatar } from './dom.js';
import { choose, form, toast } from './dialogs.js';
import { t } from './i18n.js';
import { group, runs, store, titleMark } from './store.js';

/** Opens a link on this phone. */
export async function follow(phone, url) {
  const telegram = /^(?:https?:\/\/)?(?:www\.)?(?:t\.me|telegram\.me)\/(.*)$/i.exec(url.trim());
  if (telegram) return phone.run(() => insideTelegram(phone, telegram[1], url.trim()));
  const native = /^tg:\/\/(\w+)\??(.*)$/i.exec(url);
  if (native) return phone.run(() => nativeLink(phone, native[1], new URLSearchParams(native[2])));
  if (/^https?:|^mailto:|^tel:/i.test(url)) window.open(url, '_blank', 'noopener');
  else toast(phone, t('link_unknown'), { bad: true });
}

async function insideTelegram(phone, rest, url) {
  const address = new URL(rest, 'https://t.me/');
  const parts = address.pathname.slice(1).split('/').filter(Boolean);
  const query = address.searchParams;
  if (parts[0]?.startsWith('+') || parts[0] === 'joinchat') return join(phone, url);
  if (parts[0] === 'share') return phone.shareText([query.get('text'), query.get('url')].filter(Boolean).join('\n'));
  if (parts[0] === 'c' && parts.length > 2) return phone.open(Number(`-100${parts[1]}`), { thread: parts.length > 3 ? Number(parts[2]) : undefined, message: Number(parts.at(-1)) });
  const name = (parts[0] || '').toLowerCase();
  if (name === (store.bot.username || '').toLowerCase()) return openBot(phone, query);
  const found = store.users.find((user) => (user.username || '').toLowerCase() === name);
  if (found) return openPerson(phone, found);
  throw new Error(t('link_unknown'));
}

async function nativeLink(phone, what, query) {
  if (what === 'user') return openPerson(phone, { id: Number(query.get('id')) });
  if (what === 'join') return join(phone, `https://t.me/+${query.get('invite')}`);
  if (what === 'resolve') return insideTelegram(phone, `${query.get('domain')}?${query}`, '');
  throw new Error(t('link_unknown'));
}

async function openBot(phone, query) {
  if (query.has('startgroup')) return addBotToGroup(phone, query.get('startgroup'), query.has('admin'));
  if (query.has('start')) return start(phone, query.get('start'));
  await phone.open('bot');
  const text = query.get('text');
  if (text) phone.chat.composer.put(text);
}

export async function start(phone, payload) {
  await api.start(phone.uid, payload);
  await phone.open('bot');
  phone.chat.log.toEnd();
}

export function openPerson(phone, user) {
  if (user.id === phone.uid) return undefined;
  if (user.id === store.bot.id) return phone.open('bot');
  return phone.open(user.id);
}

async function join(phone, link) {
  const { result } = await api.join(phone.uid, link);
  toast(phone, t(result === 'requested' ? 'requested' : 'joined'));
  if (result !== 'joined') return;
  const found = store.groups.find((one) => one.invite_links.some((known) => known.invite_link === link));
  await phone.refreshChats();
  if (found) await phone.open(found.id);
}

/** Adds the bot to a group this person runs, as Telegram's `startgroup` links do. */
export async function addBotToGroup(phone, payload = '', admin = false) {
  const own = store.groups.filter((one) => runs(one.id, phone.uid));
  if (!own.length) return toast(phone, t('no_groups'), { bad: true });
  const items = own.map((one) => ({ value: one.id, title: one.title, picture: avatar(titleMark(one.title), one.id, 'square') }));
  const id = await choose(phone, t('choose_group'), items);
  if (!id) return;
  await api.addMember(id, { by: phone.uid, bot: true, admin });
  if (payload) await api.say(phone.uid, id, { text: `/start@${store.bot.username} ${payload}` });
  await phone.open(id, { thread: group(id).is_forum ? 1 : undefined });
}

/** The field that takes an invite link, a deep link or a bare payload. */
export async function askLink(phone) {
  const given = await form(phone, t('open_link'), [{ name: 'link', label: t('link_hint'), placeholder: 'https://t.me/…', required: true }], t('open'));
  if (!given?.link) return;
  if (/^[A-Za-z0-9_-]{1,64}$/.test(given.link)) await phone.run(() => start(phone, given.link));
  else if (/^\+[\w-]+$/.test(given.link)) await follow(phone, `https://t.me/${given.link}`);
  else await follow(phone, /^[a-z]+:/i.test(given.link) ? given.link : `https://${given.link}`);
}
