// The top bar: the name, the sandbox's time and the ways to skip ahead, the language.

import { api } from './api.js';
import { debounce, fill, h, icon } from './dom.js';
import { toast } from './dialogs.js';
import { briefMoment, fullMoment, lang, moment, setLang, span, t } from './i18n.js';
import { now, setClock, store } from './store.js';

const POLL = 10_000;
const NARROW = window.matchMedia('(max-width: 760px)');

export class Bar {
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.refresh = debounce(() => api.clock().then((clock) => this.set(clock)).catch(() => {}), 700);
    setInterval(() => this.tick(), 1000);
    NARROW.addEventListener('change', () => this.show());
    setInterval(() => !document.hidden && this.refresh(), POLL);
  }

  render() {
    this.time = h('time', { class: 'clock-now', test: 'clock-now' });
    this.ahead = h('span', { class: 'clock-ahead', test: 'clock-ahead' });
    this.due = h('span', { class: 'clock-due', test: 'clock-due' });
    const button = (key, test, fields, name) => h('button', { type: 'button', class: 'button clock-button', test, onclick: () => this.skip(fields) }, name ? icon(name, 18) : null, h('span', {}, t(key)));
    this.next = button('next', 'clock-next', { to: 'next' }, 'skip');
    const choice = (value, label) => h('button', { type: 'button', class: 'lang', 'aria-pressed': String(lang() === value), lang: value === 'en' ? 'en' : 'zh-CN', test: `lang-${value}`, onclick: () => this.switchTo(value) }, label);
    fill(
      this.root,
      h('div', { class: 'brand' }, h('img', { src: '/page/icon.svg', alt: '', width: '36', height: '36' }), h('h1', {}, t('name')), h('span', { class: 'brand-demo' }, t('demo'))),
      h(
        'div',
        { class: 'clock', role: 'group', 'aria-label': t('clock') },
        h('div', { class: 'clock-words' }, h('span', { class: 'clock-line' }, icon('clock', 19), this.time, this.ahead), this.due),
        h('div', { class: 'clock-buttons' }, button('hour', 'clock-hour', { advance_seconds: 3600 }), button('day', 'clock-day', { advance_seconds: 86400 }), this.next),
      ),
      h('div', { class: 'langs', role: 'group', 'aria-label': t('language'), test: 'language' }, choice('zh', '中文'), choice('en', 'English')),
    );
    document.title = t('title');
    document.documentElement.lang = lang() === 'en' ? 'en' : 'zh-CN';
    this.show();
  }

  tick() {
    if (this.time && store.clock) this.time.textContent = (NARROW.matches ? moment : fullMoment)(now());
  }

  show() {
    if (!store.clock) return;
    this.tick();
    const { ahead_seconds: ahead, next_due: next } = store.clock;
    this.ahead.textContent = ahead >= 60 ? t('ahead', { span: span(ahead) }) : '';
    this.ahead.hidden = ahead < 60;
    const words = next ? (NARROW.matches ? t('next_short', { when: briefMoment(new Date(next)) }) : t('next_at', { when: moment(new Date(next)) })) : t('next_none');
    this.due.textContent = words;
    this.next.title = `${t('next')} · ${words}`;
    this.next.setAttribute('aria-label', this.next.title);
    this.next.disabled = !next;
  }

  set(clock) {
    setClock(clock);
    this.show();
  }

  async skip(fields) {
    const phone = this.app.current;
    await phone.run(async () => {
      this.set(await api.moveClock(fields));
      toast(phone, t('moved', { when: moment(now()) }));
      this.refresh();
    });
  }

  switchTo(value) {
    setLang(value);
    this.app.render();
  }
}
