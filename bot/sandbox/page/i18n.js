// The page's language, and dates written in it. Times are those of the district, wherever the browser is.

import { ERRORS, STRINGS } from './strings.js';

const ZONE = 'Asia/Shanghai';
const KEY = 'deputies-home-language';

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

let language = remembered() || (/^zh/i.test(navigator.language || 'zh') ? 'zh' : 'en');

export const lang = () => language;

export function setLang(value) {
  language = value === 'en' ? 'en' : 'zh';
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // A browser without storage forgets the choice; nothing else depends on it.
  }
}

export function t(key, values = {}) {
  const pair = STRINGS[key];
  if (!pair) return key;
  return pair[language === 'en' ? 1 : 0].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

export function errorText(sentence) {
  if (language === 'en') return sentence.charAt(0).toUpperCase() + sentence.slice(1);
  for (const [pattern, chinese] of ERRORS) {
    const found = pattern.exec(sentence);
    if (found) return chinese.replace(/\{(\d)\}/g, (_, n) => found[Number(n) + 1] ?? '');
  }
  return t('something_wrong', { error: sentence });
}

const made = new Map();
function format(date, options) {
  const key = language + JSON.stringify(options);
  if (!made.has(key)) {
    const locale = language === 'en' ? 'en-GB' : 'zh-CN';
    made.set(key, new Intl.DateTimeFormat(locale, { timeZone: ZONE, hourCycle: 'h23', ...options }));
  }
  return made.get(key).format(date);
}

export const time = (date) => format(date, { hour: '2-digit', minute: '2-digit' });
export const dayKey = (date) => format(date, { year: 'numeric', month: '2-digit', day: '2-digit' });
export const dayName = (date) => format(date, { month: 'long', day: 'numeric', weekday: 'short' });
// English months are shortened where a date stands in a line with other things.
const monthStyle = () => (language === 'en' ? 'short' : 'long');
export const moment = (date) => format(date, { month: monthStyle(), day: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit' });
export const fullMoment = (date) => `${format(date, { year: 'numeric', month: monthStyle(), day: 'numeric', weekday: 'short' })} ${clockTime(date)}`;
export const briefMoment = (date) => `${format(date, { month: 'short', day: 'numeric' })} ${time(date)}`;
const clockTime = (date) => format(date, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A day as a separator says it. */
export function dayLabel(date, now) {
  if (dayKey(date) === dayKey(now)) return t('today');
  if (dayKey(date) === dayKey(new Date(now.getTime() - 86400e3))) return t('yesterday');
  return dayName(date);
}

/** When something last happened, short, for a list. */
export function shortWhen(date, now) {
  return dayKey(date) === dayKey(now) ? time(date) : format(date, { month: 'numeric', day: 'numeric' });
}

/** A span of time in its two largest units. */
export function span(seconds) {
  const minutes = Math.round(seconds / 60);
  const parts = [
    [Math.floor(minutes / 1440), '天', ' d'],
    [Math.floor(minutes / 60) % 24, ' 小时', ' h'],
    [minutes % 60, ' 分钟', ' min'],
  ].filter(([n]) => n);
  return parts.slice(0, 2).map(([n, zh, en]) => (language === 'en' ? `${n}${en}` : `${n}${zh.startsWith(' ') ? zh : ` ${zh}`}`)).join(' ');
}

export const length = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

export function bytes(size) {
  if (!size) return '';
  return size < 1024 ? `${size} B` : size < 1048576 ? `${(size / 1024).toFixed(0)} KB` : `${(size / 1048576).toFixed(1)} MB`;
}
