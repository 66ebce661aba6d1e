// One phone: who is signed in, the chat list or the open chat, and everything that happens to that person.

import { api } from './api.js';
import { Chat } from './chat.js';
import { chatList } from './chatlist.js';
import { debounce, fill, h } from './dom.js';
import { alert, choose, toast } from './dialogs.js';
import { t } from './i18n.js';
import { follow } from './links.js';
import { personButton } from './people.js';
import { destinations } from './selection.js';
import { fullName, group, person } from './store.js';

const EARLY = 8;
const PATIENCE = 12_000;

export class Phone {
  constructor(app, index, uid) {
    Object.assign(this, { app, index, uid, rows: [], chat: null, drafts: new Map(), threads: new Map(), waiting: new Map(), early: [] });
    this.head = h('header', { class: 'phone-head' });
    this.body = h('div', { class: 'phone-body' });
    this.layers = h('div', { class: 'layers' });
    this.toasts = h('div', { class: 'toasts', 'aria-live': 'polite' });
    this.root = h('section', { class: 'phone', test: `phone-${index}` }, this.head, this.body, this.toasts, this.layers);
    this.refreshSoon = debounce(() => this.refreshChats(), 60);
  }

  /** Whether somebody can see this phone: on a narrow page only one of the three shows. */
  get visible() {
    return this.root.offsetParent !== null;
  }

  /** Carries out an action; a refusal becomes a toast, and `failed` is told. */
  async run(work, failed) {
    try {
      return await work();
    } catch (error) {
      failed?.();
      toast(this, error.message || String(error), { bad: true });
      return undefined;
    }
  }

  async begin(key = 'bot') {
    await this.refreshChats();
    await this.open(this.rows.some((row) => String(row.key) === String(key)) ? key : 'bot');
  }

  signIn(uid) {
    this.uid = uid;
    this.chat?.destroy();
    this.chat = null;
    this.rows = [];
    this.app.personChanged();
    return this.begin();
  }

  render() {
    this.headPrint = '';
    this.showHead();
    fill(this.layers);
    fill(this.toasts);
    if (this.chat) {
      const { key, thread } = this.chat;
      this.chat.destroy();
      this.chat = new Chat(this, key, { thread });
      fill(this.body, this.chat.root);
    } else chatList(this, this.body);
    this.root.dataset.chat = this.chat ? this.chat.key : '';
  }

  /** The person's name, drawn again only when it changed: it may have the keyboard's focus. */
  showHead() {
    const print = JSON.stringify(person(this.uid));
    if (print === this.headPrint) return;
    this.headPrint = print;
    this.root.dataset.user = this.uid;
    this.root.setAttribute('aria-label', `${t('phone_n', { n: this.index + 1 })}: ${fullName(person(this.uid))}`);
    fill(this.head, personButton(this));
  }

  rowOf(key) {
    const known = this.rows.find((row) => String(row.key) === String(key));
    if (known) return known;
    const blank = { key, unread: 0, topics: [], commands: [], blocked: false, started: key !== 'bot', member: true, last: null, reply_keyboard: null };
    const one = group(key);
    return { ...blank, title: one ? one.title : fullName(person(key)), chat: one || { id: key, type: 'private' } };
  }

  async open(key, { thread, message } = {}) {
    if (this.chat?.key === key) {
      if (thread && thread !== this.chat.thread) await this.chat.openTopic(thread);
      if (message) await this.chat.show(message);
      return;
    }
    if (!this.rows.some((row) => row.key === key)) await this.refreshChats();
    if (key < 0 && !this.rows.some((row) => row.key === key)) throw new Error(t('link_unknown'));
    this.chat?.destroy();
    this.chat = new Chat(this, key, { thread, message });
    fill(this.body, this.chat.root);
    this.root.dataset.chat = key;
    this.app.remember();
  }

  close() {
    this.chat?.destroy();
    this.chat = null;
    this.root.dataset.chat = '';
    chatList(this, this.body);
    this.body.querySelector('.chat-item')?.focus({ preventScroll: true });
    this.app.remember();
  }

  async refreshChats() {
    const { uid } = this;
    const rows = await this.run(() => api.chats(uid));
    if (!rows || uid !== this.uid) return;
    this.rows = rows;
    if (!this.chat) chatList(this, this.body);
    else {
      const row = rows.find((one) => one.key === this.chat.key);
      if (row) this.chat.update(row);
      else if (this.chat.isGroup) this.followMigration();
    }
    this.app.tabs();
  }

  /** An open group that became a supergroup goes on under its new number. */
  followMigration() {
    const next = this.chat.log.messages.findLast((message) => message.migrate_to_chat_id)?.migrate_to_chat_id;
    if (next && this.rows.some((row) => row.key === next)) this.run(() => this.open(next));
    else this.close();
  }

  /** After a reconnection: events may have been missed. */
  async reload() {
    await this.refreshChats();
    await this.chat?.load();
  }

  hear(event) {
    if (event.type === 'callback_answer') return this.takeAnswer(event);
    if (event.type === 'chats' || event.type === 'commands') return this.refreshSoon();
    if (this.chat && String(event.chat) === String(this.chat.key)) this.chat.hear(event);
    if (event.type !== 'chat_action') this.refreshSoon();
    return undefined;
  }

  /** A press waits for the bot's answer; the answer may even have come first. */
  awaitAnswer(id, done) {
    const early = this.early.find((event) => event.callback_query_id === id);
    if (early) {
      this.early = this.early.filter((event) => event !== early);
      done();
      this.showAnswer(early);
      return;
    }
    const end = setTimeout(() => {
      if (this.waiting.delete(id)) done();
    }, PATIENCE);
    this.waiting.set(id, () => (clearTimeout(end), done()));
  }

  takeAnswer(event) {
    const done = this.waiting.get(event.callback_query_id);
    if (!done) {
      this.early = [...this.early, event].slice(-EARLY);
      return;
    }
    this.waiting.delete(event.callback_query_id);
    done();
    this.showAnswer(event);
  }

  showAnswer({ text, show_alert: modal, url }) {
    if (url) follow(this, url);
    if (!text) return;
    if (modal) alert(this, text);
    else toast(this, text);
  }

  /** A share link: choose a chat and find the words in its writing line. */
  async shareText(text) {
    const to = await choose(this, t('choose_chat'), destinations(this));
    if (!to) return;
    await this.open(to.key, { thread: to.thread });
    this.chat.composer.put(text);
  }

}
