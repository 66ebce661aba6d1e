// What can be done with messages: the menu of one, the selection of several, forwarding and deleting.

import { api } from './api.js';
import { avatar, h, iconButton } from './dom.js';
import { choose, confirm, copyText, menu, toast } from './dialogs.js';
import { t } from './i18n.js';
import { isService } from './message.js';
import { fullName, mark, store, titleMark } from './store.js';

export function messageMenu(chat, parts, at) {
  const message = parts[0];
  if (isService(message)) return;
  const { phone } = chat;
  const words = parts.find((part) => part.text || part.caption) || message;
  const text = words.text ?? words.caption;
  const editable = message.out && !message.forward_origin && (message.text !== undefined || ['photo', 'video', 'voice', 'audio', 'document'].some((kind) => message[kind]));
  const joined = chat.row.member;
  menu(phone, at, [
    joined && { icon: 'reply', label: t('reply'), test: 'menu-reply', run: () => chat.composer.setReply(message) },
    editable && joined && { icon: 'edit', label: t('edit'), test: 'menu-edit', run: () => chat.composer.setEdit(words) },
    text && { icon: 'copy', label: t('copy'), test: 'menu-copy', run: () => copyText(phone, text) },
    { icon: 'forward', label: t('forward'), test: 'menu-forward', run: () => forward(chat, parts.map((part) => part.message_id)) },
    { icon: 'check', label: t('select'), test: 'menu-select', run: () => chat.selection.begin(parts) },
    (message.out || chat.mayDelete) && { icon: 'trash', label: t('delete'), danger: true, test: 'menu-delete', run: () => remove(chat, parts.map((part) => part.message_id)) },
  ]);
}

/** Everywhere this person can write: the bot, groups with their topics, other persons. */
export function destinations(phone) {
  const list = [];
  for (const row of phone.rows) {
    if (row.key === 'bot') list.push({ value: { key: 'bot', title: row.title }, title: row.title, note: t('bot'), picture: avatar('代', 0, 'bot'), test: 'to-bot' });
    else if (row.key < 0 && row.member) {
      const threads = row.chat.is_forum ? [{ message_thread_id: 1, name: t('general') }, ...row.topics] : [null];
      for (const topic of threads) {
        const id = topic?.message_thread_id;
        list.push({ value: { key: row.key, thread: id, title: row.title }, title: row.title, note: topic?.name, picture: avatar(titleMark(row.title), row.key, 'square'), test: `to-${row.key}${id ? `-${id}` : ''}` });
      }
    }
  }
  for (const user of store.users) {
    if (user.id !== phone.uid) list.push({ value: { key: user.id, title: fullName(user) }, title: fullName(user), note: user.note, picture: avatar(mark(user), user.id), test: `to-${user.id}` });
  }
  return list;
}

async function forward(chat, ids) {
  const { phone } = chat;
  const to = await choose(phone, t('choose_chat'), destinations(phone), { test: 'forward-to' });
  if (!to) return;
  chat.selection.end();
  await phone.run(async () => {
    const thread = to.thread > 1 ? to.thread : undefined;
    await api.forward(phone.uid, to.key, { from: chat.key, message_ids: [...ids].sort((a, b) => a - b), thread });
    if (to.key !== chat.key || to.thread !== chat.thread) await phone.open(to.key, { thread: to.thread });
    toast(phone, t('forwarded', { title: to.title }));
  });
}

async function remove(chat, ids) {
  const text = ids.length > 1 ? t('delete_n_ask', { n: ids.length }) : t('delete_ask');
  if (!(await confirm(chat.phone, text, { title: t('delete'), yes: t('delete') }))) return;
  chat.selection.end();
  await chat.phone.run(async () => {
    for (const id of ids) await api.remove(chat.phone.uid, chat.key, id);
    chat.log.remove(ids);
  });
}

/** Several messages picked out to be forwarded or deleted together. */
export class Selection {
  constructor(chat) {
    this.chat = chat;
    this.ids = new Set();
    this.active = false;
  }

  begin(parts) {
    this.active = true;
    this.ids = new Set(parts.map((part) => part.message_id));
    this.changed();
  }

  toggle(parts) {
    for (const { message_id: id } of parts) {
      if (!this.ids.delete(id)) this.ids.add(id);
    }
    if (!this.ids.size) this.active = false;
    this.changed();
  }

  end() {
    if (!this.active) return;
    this.active = false;
    this.ids.clear();
    this.changed();
  }

  changed() {
    this.chat.renderHead();
    this.paint();
  }

  paint() {
    const { list } = this.chat.log;
    list.classList.toggle('selecting', this.active);
    for (const row of list.querySelectorAll('.row')) {
      row.classList.toggle('selected', this.active && row.dataset.ids.split(' ').some((id) => this.ids.has(Number(id))));
    }
  }

  /** The chat's header while something is selected. */
  head() {
    const ids = [...this.ids];
    const all = ids.map((id) => this.chat.log.find(id)).filter(Boolean);
    const deletable = all.every((message) => message.out || this.chat.mayDelete);
    return [
      iconButton('close', t('cancel'), () => this.end(), { test: 'select-cancel' }),
      h('strong', { class: 'selected-count', 'aria-live': 'polite' }, t('selected_n', { n: ids.length })),
      deletable ? iconButton('trash', t('delete'), () => remove(this.chat, ids), { test: 'select-delete' }) : null,
      h('button', { type: 'button', class: 'button strong', test: 'select-forward', onclick: () => forward(this.chat, ids) }, t('forward')),
    ];
  }
}

