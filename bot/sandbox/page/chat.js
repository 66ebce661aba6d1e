// One open chat: its header, topics, pinned line, messages, and what the person does with them.

import { api } from './api.js';
import { chatMenu } from './chat-menu.js';
import { Composer } from './composer.js';
import { avatar, fill, h, icon, iconButton } from './dom.js';
import { groupInfo, newTopic } from './groups.js';
import { t } from './i18n.js';
import { Log } from './log.js';
import { line } from './message.js';
import { messageMenu, Selection } from './selection.js';
import { group, mark, person, present, titleMark } from './store.js';

const ACTIONS = { upload_photo: 'upload_photo', upload_document: 'upload_document', record_voice: 'record_voice', upload_voice: 'record_voice' };

export class Chat {
  constructor(phone, key, { thread, message } = {}) {
    this.phone = phone;
    this.key = key;
    this.row = phone.rowOf(key);
    this.thread = this.forum ? thread || phone.threads.get(key) || 1 : undefined;
    this.goTo = message;
    this.freshTopics = new Set();
    this.selection = new Selection(this);
    this.log = new Log(this);
    this.composer = new Composer(this);
    this.head = h('header', { class: 'chat-head' });
    this.strip = h('nav', { class: 'topics', 'aria-label': t('topics') });
    this.pinned = h('div', { class: 'pinned-holder' });
    this.root = h('section', { class: 'chat', test: 'chat', 'data-chat': key, 'aria-label': this.title }, this.head, this.strip, this.pinned, this.log.root, this.composer.root);
    this.renderFrame();
    this.load();
  }

  get forum() { return Boolean(this.row.chat.is_forum); }
  get isGroup() { return this.key !== 'bot' && this.key < 0; }
  get title() { return this.row.title; }

  /** The chat list was read again: the row may say something new. */
  update(row) {
    this.row = row;
    if (this.forum && this.thread !== 1 && !row.topics.some((one) => one.message_thread_id === this.thread)) this.openTopic(1);
    this.renderFrame();
    this.markRead();
  }

  renderFrame() {
    this.renderHead();
    this.renderTopics();
    this.renderPinned();
    this.composer.update();
  }

  renderHead() {
    if (this.selection.active) return fill(this.head, this.selection.head());
    const { phone } = this;
    const other = phone.rows.filter((row) => row.key !== this.key).reduce((sum, row) => sum + row.unread, 0);
    const badge = other ? h('span', { class: 'badge' }, other > 99 ? '99+' : other) : null;
    const info = () => (this.isGroup ? groupInfo(phone, this.key) : chatMenu(this, more));
    const more = iconButton('more', t('menu'), () => chatMenu(this, more), { test: 'chat-menu', 'aria-haspopup': 'menu' });
    return fill(
      this.head,
      h('button', { type: 'button', class: 'icon-button back', 'aria-label': t('back'), title: t('back'), test: 'back', onclick: () => phone.close() }, icon('back'), badge),
      h(
        'button',
        { type: 'button', class: 'chat-title', test: 'chat-title', onclick: info },
        this.picture(),
        h('span', { class: 'choice-words' }, h('strong', {}, this.title), h('small', { class: this.action ? 'action' : '' }, this.action || this.subtitle())),
      ),
      more,
    );
  }

  picture() {
    if (this.key === 'bot') return avatar('代', 0, 'bot');
    return this.isGroup ? avatar(titleMark(this.title), this.key, 'square') : avatar(mark(person(this.key)), this.key);
  }

  subtitle() {
    if (this.key === 'bot') return this.row.blocked ? t('blocked') : t('bot');
    if (!this.isGroup) return person(this.key)?.note || '';
    return this.row.member ? t('members_n', { n: present(group(this.key)).length || '' }) : t('left_group');
  }

  renderTopics() {
    this.strip.hidden = !this.forum;
    if (!this.forum) return;
    const all = [{ message_thread_id: 1, name: t('general') }, ...this.row.topics];
    fill(
      this.strip,
      all.map((topic) =>
        h(
          'button',
          { type: 'button', class: `topic ${topic.message_thread_id === this.thread ? 'current' : ''}`, 'aria-current': topic.message_thread_id === this.thread ? 'true' : null, test: `topic-${topic.message_thread_id}`, onclick: () => this.openTopic(topic.message_thread_id) },
          topic.name,
          topic.closed ? h('small', {}, t('closed')) : null,
          this.freshTopics.has(topic.message_thread_id) ? h('span', { class: 'dot', 'aria-label': t('new_messages', { n: '' }) }) : null,
        ),
      ),
      this.row.member ? iconButton('plus', t('new_topic'), () => newTopic(this.phone, this.key), { class: 'icon-button small' }) : null,
    );
    this.strip.querySelector('.current')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  openTopic(thread) {
    this.thread = thread;
    this.phone.threads.set(this.key, thread);
    this.freshTopics.delete(thread);
    this.log.clear();
    this.composer.forget();
    this.renderTopics();
    this.renderPinned();
    return this.load();
  }

  renderPinned() {
    const id = this.isGroup ? group(this.key)?.pinned.at(-1) : this.log.lastPinned();
    const message = id && (this.log.find(id) || this.log.pinnedCopy(id));
    if (!message) return fill(this.pinned);
    return fill(
      this.pinned,
      h('button', { type: 'button', class: 'pinned', test: 'pinned', onclick: () => this.show(id) }, icon('tack', 18), h('span', {}, h('strong', {}, t('pinned')), h('small', {}, line(message)))),
    );
  }

  async load() {
    const { thread } = this;
    const messages = await this.phone.run(() => api.messages(this.phone.uid, this.key, { limit: 50, thread }));
    if (!messages || thread !== this.thread) return;
    this.log.replace(messages);
    this.renderPinned();
    this.markRead();
    if (this.goTo) {
      this.show(this.goTo);
      this.goTo = undefined;
    }
  }

  async older() {
    const first = this.log.messages[0];
    if (!first) return;
    const { thread } = this;
    const messages = await this.phone.run(() => api.messages(this.phone.uid, this.key, { limit: 50, before: first.message_id, thread }));
    if (messages && thread === this.thread) this.log.prepend(messages);
  }

  /** Scrolls to a message, reading older ones as far as needed. */
  async show(id) {
    for (let tries = 0; tries < 20 && !this.log.find(id) && this.log.more && this.log.messages[0]?.message_id > id; tries++) await this.older();
    this.log.flash(id);
  }

  hear(event) {
    if (event.type === 'message' || event.type === 'edited_message') return this.take([event.message], event.type === 'message');
    if (event.type === 'deleted') return this.log.remove(event.message_ids);
    if (event.type === 'chat_action') return this.showAction(event.action);
    return undefined;
  }

  /** Messages that came or changed. */
  take(messages, fresh = false) {
    const here = messages.filter((message) => !this.forum || (message.message_thread_id || 1) === this.thread);
    for (const message of messages) {
      if (!here.includes(message) && fresh && !message.out) this.freshTopics.add(message.message_thread_id || 1);
      if (message.from.is_bot) this.showAction(null);
    }
    if (here.length < messages.length) this.renderTopics();
    this.log.put(here);
    if (messages.some((message) => message.pinned_message)) this.renderPinned();
    this.markRead();
  }

  showAction(action) {
    clearTimeout(this.actionEnd);
    const next = action ? t(ACTIONS[action] || 'typing') : '';
    if (action) this.actionEnd = setTimeout(() => this.showAction(null), 5500);
    if (next === (this.action || '')) return;
    this.action = next;
    this.renderHead();
  }

  markRead() {
    if (!this.row.unread || !this.phone.visible || document.hidden || !this.log.atEnd) return;
    this.row.unread = 0;
    api.read(this.phone.uid, this.key).catch(() => {});
  }

  async send(text) {
    return this.say({ text });
  }

  /** Says something here, with the topic and the reply that are set. */
  async say(fields, files) {
    const said = await this.phone.run(() => {
      const reply = this.composer.replyTo?.message_id;
      return api.say(this.phone.uid, this.key, { ...fields, reply_to: reply, thread: this.forum && this.thread !== 1 ? this.thread : undefined }, files);
    });
    if (!said) return false;
    this.composer.setReply(null);
    this.log.toEnd();
    this.take(said);
    return true;
  }

  openMenu(parts, at) {
    messageMenu(this, parts, at);
  }

  get mayDelete() {
    return !this.isGroup || present(group(this.key)).some((m) => m.user.id === this.phone.uid && (m.status === 'creator' || m.rights.can_delete_messages));
  }

  destroy() {
    clearTimeout(this.actionEnd);
    this.composer.destroy();
  }
}
