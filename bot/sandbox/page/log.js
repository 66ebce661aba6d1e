// The scrolling list of messages. Rows are kept while what they show is the same, so that a playing note plays on.

import { debounce, fill, h, icon } from './dom.js';
import { dayKey, dayLabel, lang, t } from './i18n.js';
import { isService, messageRow, serviceRow } from './message.js';
import { now } from './store.js';

const PAGE = 50;
const RUN = 600;

export class Log {
  constructor(chat) {
    this.chat = chat;
    this.messages = [];
    this.rows = new Map();
    this.more = false;
    this.missed = 0;
    this.following = true;
    this.list = h('div', { class: 'log-list', role: 'log', 'aria-live': 'polite' });
    this.scroller = h('div', { class: 'log', tabindex: '0', onscroll: () => this.scrolled() }, this.list);
    this.chip = h('button', { type: 'button', class: 'chip', hidden: true, test: 'new-messages', onclick: () => this.toEnd(true) });
    this.root = h('div', { class: 'log-holder' }, this.scroller, this.chip);
    this.settle = debounce(() => chat.markRead(), 120);
    // Pictures and keyboards change heights after a row is in place; whoever reads the newest stays there.
    this.watcher = new ResizeObserver(() => this.following && this.toEnd());
    this.watcher.observe(this.list);
    this.watcher.observe(this.scroller);
    this.bindMenus();
  }

  get atEnd() { return this.following; }

  find(id) { return this.messages.find((message) => message.message_id === id); }

  lastPinned() {
    const pins = this.messages.filter((message) => message.pinned_message);
    return pins.at(-1)?.pinned_message.message_id;
  }

  pinnedCopy(id) {
    return this.messages.findLast((message) => message.pinned_message?.message_id === id)?.pinned_message;
  }

  clear() {
    this.messages = [];
    this.loaded = false;
    this.rows.clear();
    this.missed = 0;
    this.following = true;
    fill(this.list);
    this.showChip();
  }

  replace(messages) {
    const older = this.messages.filter((message) => messages[0] && message.message_id < messages[0].message_id && messages.length >= PAGE);
    if (!older.length) this.more = messages.length >= PAGE;
    this.messages = [...older, ...messages];
    this.loaded = true;
    this.render();
  }

  prepend(messages) {
    this.more = messages.length >= PAGE;
    const height = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.messages = [...messages, ...this.messages];
    this.render();
    this.scroller.scrollTop = this.scroller.scrollHeight - height;
  }

  /** New or changed messages take their place by number. */
  put(messages) {
    let came = 0;
    for (const message of messages) {
      const at = this.messages.findIndex((known) => known.message_id === message.message_id);
      if (at >= 0) this.messages[at] = message;
      else if (!this.messages.length || message.message_id > this.messages[0].message_id || !this.more) {
        this.messages.push(message);
        if (!message.out) came += 1;
      }
    }
    this.messages.sort((a, b) => a.message_id - b.message_id);
    if (!this.following) this.missed += came;
    this.render();
  }

  remove(ids) {
    this.messages = this.messages.filter((message) => !ids.includes(message.message_id));
    this.render();
  }

  /** Albums become one entry. */
  entries() {
    const entries = [];
    for (const message of this.messages) {
      const album = message.media_group_id;
      const last = entries.at(-1);
      if (album && last?.[0].media_group_id === album && last[0].from.id === message.from.id) last.push(message);
      else entries.push([message]);
    }
    return entries;
  }

  render() {
    const used = new Map();
    const nodes = [];
    let day = '';
    let before = null;
    for (const parts of this.entries()) {
      const message = parts[0];
      const date = new Date(message.date * 1000);
      if (dayKey(date) !== day) {
        day = dayKey(date);
        before = null;
        const label = dayLabel(date, now());
        nodes.push(this.keep(used, `day-${day}`, label, () => h('div', { class: 'day' }, h('span', {}, label))));
      }
      const service = isService(message);
      const first = service || !before || before.from.id !== message.from.id || message.date - before.date > RUN;
      const print = JSON.stringify([parts, first, lang(), this.chat.key]);
      nodes.push(this.keep(used, message.message_id, print, () => (service ? serviceRow(message) : messageRow(this.chat, parts, { first }))));
      before = service ? null : message;
    }
    if (!nodes.length && this.loaded) nodes.push(this.keep(used, 'welcome', lang(), () => this.welcome()));
    this.rows = used;
    this.arrange(nodes);
    this.chat.selection.paint();
    if (this.following) this.toEnd();
    this.showChip();
  }

  welcome() {
    const { chat } = this;
    return h('div', { class: 'welcome' }, chat.picture(), h('strong', {}, chat.title), h('p', {}, chat.key === 'bot' && !chat.row.started ? t('start_hint') : t('no_messages')));
  }

  keep(used, key, print, make) {
    const known = this.rows.get(key);
    const row = known?.print === print ? known : { print, node: make() };
    used.set(key, row);
    return row.node;
  }

  arrange(nodes) {
    const wanted = new Set(nodes);
    for (const child of [...this.list.children]) if (!wanted.has(child)) child.remove();
    nodes.forEach((node, i) => {
      if (this.list.children[i] !== node) this.list.insertBefore(node, this.list.children[i] || null);
    });
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.following = scrollHeight - scrollTop - clientHeight < 48;
    if (this.following) this.missed = 0;
    this.showChip();
    this.settle();
    if (scrollTop < 120 && this.more && !this.loading) {
      this.loading = true;
      this.chat.older().finally(() => (this.loading = false));
    }
  }

  toEnd(smooth = false) {
    this.following = true;
    this.missed = 0;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? 'smooth' : 'instant' });
    this.showChip();
  }

  showChip() {
    this.chip.hidden = this.following;
    if (!this.following) fill(this.chip, icon('down', 20), this.missed ? h('span', {}, t('new_messages', { n: this.missed })) : h('span', { class: 'sr' }, t('to_newest')));
  }

  node(id) {
    return [...this.list.children].find((row) => (row.dataset.ids || row.dataset.messageId || '').split(' ').includes(String(id)));
  }

  flash(id) {
    const row = this.node(id);
    if (!row) return;
    this.following = false;
    row.scrollIntoView({ block: 'center' });
    row.classList.remove('flash');
    requestAnimationFrame(() => row.classList.add('flash'));
  }

  /** The message menu by right click, or by a long press where there is no mouse. */
  bindMenus() {
    let timer = 0;
    const parts = (event) => {
      const row = event.target.closest?.('.row');
      return row && row.dataset.ids.split(' ').map((id) => this.find(Number(id))).filter(Boolean);
    };
    this.list.addEventListener('contextmenu', (event) => {
      clearTimeout(timer);
      const found = parts(event);
      if (!found?.length || String(window.getSelection())) return;
      event.preventDefault();
      if (!this.chat.phone.layers.childElementCount) this.chat.openMenu(found, { x: event.clientX, y: event.clientY });
    });
    this.list.addEventListener('pointerdown', (event) => {
      clearTimeout(timer);
      const found = event.pointerType === 'touch' && parts(event);
      if (found?.length) timer = setTimeout(() => this.chat.openMenu(found, { x: event.clientX, y: event.clientY }), 550);
    });
    for (const end of ['pointerup', 'pointercancel', 'pointermove']) this.list.addEventListener(end, () => clearTimeout(timer));
    this.list.addEventListener(
      'click',
      (event) => {
        const found = this.chat.selection.active && parts(event);
        if (!found?.length) return;
        event.preventDefault();
        event.stopPropagation();
        this.chat.selection.toggle(found);
      },
      true,
    );
  }
}
