// The writing line: text, replies and edits, the command menu, the reply keyboard, START and what replaces it.

import { api } from './api.js';
import { Attachments } from './attach.js';
import { fill, h, icon, iconButton } from './dom.js';
import { menu } from './dialogs.js';
import { t } from './i18n.js';
import { replyKeyboard } from './keyboards.js';
import { start } from './links.js';
import { line } from './message.js';
import { fullName, person } from './store.js';

export class Composer {
  constructor(chat) {
    this.chat = chat;
    this.replyTo = null;
    this.editing = null;
    this.draftKey = `${chat.phone.uid}/${chat.key}`;
    this.keysOpen = true;
    this.attachments = new Attachments(chat);
    this.bar = h('div', { class: 'reply-bar', hidden: true });
    this.keys = h('div', { class: 'reply-keyboard', test: 'reply-keyboard' });
    this.line = h('div', { class: 'composer-line' });
    this.input = h('textarea', {
      rows: '1',
      class: 'composer-input',
      placeholder: t('write'),
      'aria-label': t('write'),
      test: 'composer-input',
      maxlength: '4096',
      value: chat.phone.drafts.get(this.draftKey) || '',
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
      onpaste: (event) => this.paste(event),
    });
    this.root = h('footer', { class: 'composer' }, this.bar, this.line, this.keys);
  }

  /** After the chat's row changed: who may write here, and with which buttons. */
  update() {
    const { row, key, phone } = this.chat;
    const person_ = person(phone.uid);
    const language = person_?.language_code || '';
    const print = JSON.stringify([row.started, row.blocked, row.member, row.commands, row.reply_keyboard, language, Boolean(this.attachments.recorder)]);
    if (print === this.print) return;
    const hadFocus = document.activeElement === this.input;
    this.print = print;
    fill(this.keys);
    if (key === 'bot' && row.blocked) this.instead(t('blocked_hint'), t('unblock'), 'unblock', () => phone.run(() => api.block(phone.uid, false)));
    else if (key === 'bot' && !row.started) this.instead('', t('start'), 'start', () => phone.run(() => start(phone)));
    else if (!row.member) fill(this.line, h('p', { class: 'composer-note' }, t('not_member')));
    else this.writable();
    if (hadFocus) this.input.focus({ preventScroll: true });
  }

  instead(words, label, test, run) {
    fill(this.line, h('div', { class: 'composer-start' }, words ? h('p', {}, words) : null, h('button', { type: 'button', class: 'button strong big', test, onclick: run }, label)));
  }

  writable() {
    if (this.attachments.recorder) {
      fill(this.line, this.attachments.recorderLine());
      return;
    }
    const { row } = this.chat;
    const keyboard = row.reply_keyboard;
    this.input.placeholder = keyboard?.input_field_placeholder || t('write');
    const attach = iconButton('attach', t('attach'), () => this.attachments.open(attach), { test: 'attach', 'aria-haspopup': 'menu' });
    const commands = row.commands.length ? iconButton('menu', t('commands'), () => this.commandMenu(commands), { class: 'icon-button commands', test: 'commands', 'aria-haspopup': 'menu' }) : null;
    const toggle = keyboard?.keyboard?.length ? iconButton('keyboard', t('keyboard'), () => this.toggleKeys(), { test: 'toggle-keyboard', 'aria-pressed': String(this.keysOpen) }) : null;
    this.sendButton = h('button', { type: 'button', class: 'icon-button send', 'aria-label': t('send'), title: t('send'), test: 'composer-send', onclick: () => this.submit() }, icon('send'));
    fill(this.line, commands, h('div', { class: 'composer-field' }, this.input, toggle, attach), this.sendButton);
    if (this.keysOpen) replyKeyboard(this.chat, this.keys, keyboard);
    this.grow();
  }

  toggleKeys() {
    this.keysOpen = !this.keysOpen;
    this.print = '';
    this.update();
  }

  commandMenu(at) {
    menu(this.chat.phone, at, this.chat.row.commands.map((one) => ({ label: one.description, note: `/${one.command}`, test: `command-${one.command}`, run: () => this.chat.send(`/${one.command}`) })));
  }

  typed() {
    this.chat.phone.drafts.set(this.draftKey, this.input.value);
    this.grow();
  }

  grow() {
    this.input.style.height = 'auto';
    this.input.style.height = `${Math.min(this.input.scrollHeight, 168)}px`;
    this.sendButton?.classList.toggle('ready', Boolean(this.input.value.trim()));
  }

  key(event) {
    // While an input method is open, Enter chooses a word and must not send.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === 'Escape' && (this.replyTo || this.editing)) this.forget();
  }

  paste(event) {
    const pictures = [...(event.clipboardData?.files || [])].filter((file) => file.type.startsWith('image/'));
    if (!pictures.length) return;
    event.preventDefault();
    this.attachments.photos(pictures);
  }

  put(text) {
    this.input.value = text;
    this.typed();
    this.input.focus({ preventScroll: true });
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text || this.sending) return;
    this.sending = true;
    const draft = this.input.value;
    this.put('');
    const sent = this.editing ? await this.finishEdit(text) : await this.chat.say({ text });
    this.sending = false;
    if (!sent && !this.input.value) this.put(draft);
  }

  async finishEdit(text) {
    const { message_id: id } = this.editing;
    const message = await this.chat.phone.run(() => api.edit(this.chat.phone.uid, this.chat.key, id, text));
    if (!message) return false;
    this.forget();
    this.chat.take([message]);
    return true;
  }

  setReply(message) {
    if (this.editing) this.put('');
    this.editing = null;
    this.replyTo = message;
    this.showBar(message && { icon: 'reply', head: t('reply_to', { name: fullName(message.from) }), message });
  }

  setEdit(message) {
    this.replyTo = null;
    this.editing = message;
    this.showBar({ icon: 'edit', head: t('editing'), message });
    this.put(message.text ?? message.caption ?? '');
  }

  /** Drops a reply or an edit that was begun. */
  forget() {
    if (this.editing) this.put('');
    this.editing = this.replyTo = null;
    this.showBar(null);
  }

  showBar(what) {
    this.bar.hidden = !what;
    if (!what) return;
    fill(this.bar, icon(what.icon), h('div', {}, h('strong', {}, what.head), h('small', {}, line(what.message))), iconButton('close', t('cancel'), () => this.forget(), { test: 'reply-cancel' }));
    this.input.focus({ preventScroll: true });
  }

  destroy() {
    this.attachments.stop();
  }
}
