// What the page knows of the world: the bot, the people, the groups and the time.

import { api } from './api.js';

export const store = { bot: null, users: [], groups: [], phones: [], clock: null, skew: 0 };

export async function loadState() {
  const state = await api.state();
  Object.assign(store, { bot: state.bot, users: state.users, groups: state.groups, phones: state.phones });
  setClock(state.clock);
}

export function setClock(clock) {
  store.clock = clock;
  store.skew = new Date(clock.now).getTime() - Date.now();
}

/** The sandbox's present moment. */
export const now = () => new Date(Date.now() + store.skew);

export const person = (id) => store.users.find((user) => user.id === Number(id));
export const group = (id) => store.groups.find((one) => one.id === Number(id));
export const fullName = (user) => (user ? [user.first_name, user.last_name].filter(Boolean).join(' ') : '');

/** The character for a person's picture: the surname, also of 小周 and of 群众·老李. */
export function mark(user) {
  if (!user) return '?';
  if (user.is_bot) return '代';
  const last = user.last_name || '';
  const name = (/[\u3400-\u9fff]/.test(last) ? last : user.first_name || '?').split('·').at(-1) || '?';
  return [...name.replace(/^[老小阿](?=.$)/, '')][0].toUpperCase();
}

/** A number as people write it: those of mainland mobiles need no country code, others begin with one. */
export const phoneNumber = (number) => (/^(1[3-9]\d{9}|\+.*)$/.test(number) ? number : `+${number}`);

export const titleMark = (title) => [...(title || '?')][0].toUpperCase();

export function standing(groupId, uid) {
  return group(groupId)?.members.find((member) => member.user.id === uid)?.status;
}

export const runs = (groupId, uid) => ['creator', 'administrator'].includes(standing(groupId, uid));
export const present = (one) => (one ? one.members.filter((m) => ['creator', 'administrator', 'member'].includes(m.status)) : []);
