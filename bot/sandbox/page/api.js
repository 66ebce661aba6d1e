// The person's side of the sandbox: one function per call of its contract.

import { errorText, t } from './i18n.js';

export class Refusal extends Error {}

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.headers['Content-Type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(`/sandbox${path}`, options);
  } catch {
    throw new Refusal(t('offline'));
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(errorText(answer.error || answer.description || `HTTP ${response.status}`));
  return answer;
}

function multipart(fields, files) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  for (const [name, file] of Object.entries(files)) form.append(name, file, file.name || name);
  return form;
}

const get = (path) => call('GET', path);
const post = (path, body = {}) => call('POST', path, body);
const at = (uid, key) => `/users/${uid}/chats/${key}`;

export const api = {
  state: () => get('/state'),
  chats: (uid) => get(`/users/${uid}/chats`),
  messages: (uid, key, query = {}) => {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    return get(`${at(uid, key)}/messages?${new URLSearchParams(given)}`);
  },
  read: (uid, key) => post(`${at(uid, key)}/read`),
  say: (uid, key, fields, files) => post(`${at(uid, key)}/messages`, files ? multipart(fields, files) : fields),
  edit: (uid, key, message_id, text) => post(`${at(uid, key)}/edit`, { message_id, text }),
  remove: (uid, key, message_id) => post(`${at(uid, key)}/delete`, { message_id }),
  forward: (uid, key, fields) => post(`${at(uid, key)}/forward`, fields),
  press: (uid, key, fields) => post(`${at(uid, key)}/press`, fields),
  start: (uid, payload) => post(`/users/${uid}/start`, payload ? { payload } : {}),
  contact: (uid, of) => post(`/users/${uid}/contact`, of ? { of } : {}),
  block: (uid, blocked) => post(`/users/${uid}/block`, { blocked }),
  join: (uid, link) => post(`/users/${uid}/join`, { link }),
  leave: (uid, chat) => post(`/users/${uid}/leave`, { chat }),
  addPerson: (fields) => post('/users', fields),
  changePerson: (uid, fields) => call('PATCH', `/users/${uid}`, fields),
  makeGroup: (fields) => post('/groups', fields),
  addMember: (id, fields) => post(`/groups/${id}/members`, fields),
  promote: (id, fields) => post(`/groups/${id}/promote`, fields),
  removeMember: (id, fields) => post(`/groups/${id}/remove`, fields),
  migrate: (id, fields) => post(`/groups/${id}/migrate`, fields),
  makeTopic: (id, fields) => post(`/groups/${id}/topics`, fields),
  dropTopic: (id, thread) => call('DELETE', `/groups/${id}/topics/${thread}`),
  clock: () => get('/clock'),
  moveClock: (fields) => post('/clock', fields),
  file: (id) => `/sandbox/files/${encodeURIComponent(id)}`,
};

/** Watch these persons; `opened` is called on every (re)connection, since events may have been missed before it. */
export function watch(uids, heard, opened, lost) {
  const query = uids.map((uid) => `user=${uid}`).join('&');
  const source = new EventSource(`/sandbox/events?${query}`);
  source.onopen = opened;
  source.onerror = () => {
    lost();
    // A refused connection is not tried again by the browser itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => source.dispatchEvent(new Event('gone')), 2000);
  };
  source.onmessage = (event) => heard(JSON.parse(event.data));
  return source;
}
