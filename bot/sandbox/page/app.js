// The page: three phones, one stream of events, one clock.
//
// Marks for a browser test (data-testid):
//   phone-0 … phone-2 (data-user: who is signed in, data-chat: the open chat's key, empty for the list), tab-0 … tab-2 (narrow)
//   picker → person-dialog: person-<uid>, search, new-person
//   chat-<key> (list), back, chat (data-chat), chat-title, chat-menu, open-link, new-group, new-chat, topic-<thread>, pinned
//   message (data-message-id; an album also data-ids), text, photo, sound, play, file, service, inline-button (data-row, data-column),
//     message-menu → menu-reply, -edit, -copy, -forward, -select, -delete; select-forward, select-delete, select-cancel
//   forward-to: to-bot, to-<uid>, to-<group>[-<thread>]
//   composer-input, composer-send, attach → attach-photo (then file-input, caption, send-files), -sample-photo, -record, -sample-voice,
//     -video, -document, -location, -contact; commands → command-<name>; reply-keyboard, reply-button, start, unblock
//   chat menu: restart, share-phone, add-bot, person-language, block, unblock-menu, group-info, leave
//   group-sheet: member-bot, member-<uid>, add-member, add-bot-here, bot-admin, promote, remove-member, upgrade, upgrade-forum, leave-group
//   dialogs: confirm, alert, alert-ok, field-<name>, form-submit, toast, lightbox, new-messages
//   clock-now, clock-ahead, clock-due, clock-hour, clock-day, clock-next, language: lang-zh, lang-en

import { watch } from './api.js';
import { Bar } from './clock.js';
import { debounce, fill, h } from './dom.js';
import { t } from './i18n.js';
import { Phone } from './phone.js';
import { showTabs } from './people.js';
import { loadState, person, store } from './store.js';

const KEY = 'deputies-home-phones';
const COUNT = 3;

class App {
  constructor() {
    this.phones = [];
    this.bar = new Bar(this, document.getElementById('bar'));
    this.tabHolder = document.getElementById('tabs');
    this.main = document.getElementById('phones');
    this.stateSoon = debounce(() => this.refreshState(), 80);
    document.addEventListener('visibilitychange', () => this.seen());
    window.addEventListener('resize', debounce(() => this.seen(), 200));
  }

  async begin() {
    try {
      await loadState();
    } catch (error) {
      fill(this.main, h('p', { class: 'empty' }, error.message));
      setTimeout(() => this.begin(), 2000);
      return;
    }
    const kept = remembered();
    const wanted = [...kept.map((one) => one.uid), ...store.phones, ...store.users.map((user) => user.id)];
    const known = kept.length && kept.every((one) => person(one.uid)) ? kept.map((one) => one.uid) : [];
    const uids = [...known, ...new Set(wanted.filter((uid) => person(uid) && !known.includes(uid)))].slice(0, COUNT);
    this.phones = uids.map((uid, index) => new Phone(this, index, uid));
    this.current = this.phones[0];
    this.bar.render();
    if (!uids.length) {
      fill(this.main, h('p', { class: 'empty' }, t('no_people')));
      setTimeout(() => this.begin(), 3000);
      return;
    }
    fill(this.main, this.phones.map((phone) => phone.root));
    this.render();
    await Promise.all(this.phones.map((phone) => phone.begin(kept.find((one) => one.uid === phone.uid)?.chat)));
    this.listen();
  }

  /** Draws everything in the page's language. */
  render() {
    this.bar.render();
    this.phones.forEach((phone) => phone.render());
    this.show(this.current);
  }

  show(phone) {
    this.current = phone;
    this.phones.forEach((one) => one.root.classList.toggle('current', one === phone));
    this.tabs();
    this.seen();
  }

  tabs() {
    showTabs(this.tabHolder, this);
  }

  /** What can be seen counts as read. */
  seen() {
    this.phones.forEach((phone) => phone.chat?.markRead());
  }

  listen() {
    this.source?.close();
    const source = watch([...new Set(this.phones.map((phone) => phone.uid))], (event) => this.hear(event), () => this.opened(), () => this.lost());
    source.addEventListener('gone', () => source === this.source && this.listen());
    this.source = source;
  }

  async opened() {
    document.body.classList.remove('offline');
    await this.refreshState();
    await Promise.all(this.phones.map((phone) => phone.reload()));
  }

  lost() {
    document.body.dataset.offline = t('reconnecting');
    document.body.classList.add('offline');
  }

  hear(event) {
    if (event.type === 'clock') this.moved(event.clock);
    else if (event.type === 'users') this.stateSoon();
    else this.phones.filter((phone) => event.user === null || phone.uid === event.user).forEach((phone) => phone.hear(event));
    if (event.type === 'chats' || event.message?.pinned_message) this.stateSoon();
    this.bar.refresh();
  }

  /** After a leap of the clock, what was today may be yesterday. */
  moved(clock) {
    this.bar.set(clock);
    for (const phone of this.phones) {
      if (phone.chat) phone.chat.log.render();
      else phone.refreshSoon();
    }
  }

  async refreshState() {
    try {
      await loadState();
    } catch {
      return;
    }
    this.bar.show();
    for (const phone of this.phones) {
      phone.showHead();
      phone.chat?.renderFrame();
    }
    this.tabs();
  }

  personChanged() {
    this.remember();
    this.phones.forEach((phone) => phone.showHead());
    this.listen();
  }

  remember() {
    try {
      localStorage.setItem(KEY, JSON.stringify(this.phones.map((phone) => ({ uid: phone.uid, chat: phone.chat?.key ?? 'bot' }))));
    } catch {
      // Without storage the page begins anew each time.
    }
  }
}

function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) || '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

new App().begin();
