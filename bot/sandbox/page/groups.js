// Groups: the information sheet, members and their rights, topics, links, making, leaving and upgrading them.

import { api } from './api.js';
import { avatar, fill, h, icon, iconButton } from './dom.js';
import { actions, choose, confirm, copyText, dialog, form, menu, plain } from './dialogs.js';
import { t } from './i18n.js';
import { follow, openPerson } from './links.js';
import { fullName, group, loadState, mark, person, present, runs, standing, store } from './store.js';

/** Does something to a group, reads the world again and shows the sheet anew. */
async function change(phone, redraw, work) {
  await phone.run(async () => {
    await work();
    await loadState();
    await phone.refreshChats();
    redraw();
  });
}

export function groupInfo(phone, id) {
  const one = group(id);
  if (!one) return undefined;
  return dialog(
    phone,
    one.title,
    (close, body) => {
      const redraw = () => (group(id) ? fill(body, sheet(phone, id, close, redraw)) : close());
      return sheet(phone, id, close, redraw);
    },
    { sheet: true, test: 'group-sheet' },
  );
}

function sheet(phone, id, close, redraw) {
  const one = group(id);
  const mine = standing(id, phone.uid);
  const may = runs(id, phone.uid);
  const inside = present(one).some((member) => member.user.id === phone.uid);
  return [
    section(t('members_n', { n: present(one).length }), present(one).map((member) => memberRow(phone, one, member, may, close, redraw)), inside ? memberButtons(phone, one, may, redraw) : null),
    one.is_forum ? section(t('topics'), one.topics.map((topic) => topicRow(phone, one, topic, may, close, redraw)), inside ? [small('plus', t('new_topic'), () => newTopic(phone, id).then(redraw))] : null) : null,
    section(t('invite_links'), one.invite_links.length ? one.invite_links.map((link) => linkRow(phone, link, close)) : h('p', { class: 'quiet' }, t('no_links'))),
    one.join_requests.length ? section(t('requests'), one.join_requests.map((uid) => h('p', { class: 'line' }, fullName(person(uid))))) : null,
    actions(
      mine === 'creator' && one.type === 'group' ? plain(t('upgrade'), () => upgrade(phone, id, close, false), { test: 'upgrade' }) : null,
      mine === 'creator' && one.type === 'group' ? plain(t('upgrade_forum'), () => upgrade(phone, id, close, true), { test: 'upgrade-forum' }) : null,
      inside ? plain(t('leave'), () => leaveGroup(phone, id).then((left) => left && close()), { class: 'button danger', test: 'leave-group' }) : null,
    ),
  ];
}

const section = (title, rows, buttons) => h('section', { class: 'sheet-part' }, h('h3', {}, title), rows, buttons ? h('div', { class: 'sheet-buttons' }, buttons) : null);
const small = (name, label, run, props = {}) => h('button', { type: 'button', class: 'button small', onclick: run, ...props }, icon(name, 18), label);

const ROLE = { creator: 'owner', administrator: 'admin' };

function memberRow(phone, one, member, may, close, redraw) {
  const { user, status } = member;
  const role = ROLE[status];
  const which = user.is_bot ? { bot: true } : { user: user.id };
  const more = iconButton('more', `${t('menu')}: ${fullName(user)}`, () =>
    menu(phone, more, [
      status === 'administrator'
        ? { icon: 'star', label: t(user.is_bot ? 'bot_not_admin' : 'take_admin'), run: () => change(phone, redraw, () => api.promote(one.id, { by: phone.uid, ...which, admin: false })) }
        : { icon: 'star', label: t(user.is_bot ? 'bot_admin' : 'make_admin'), test: 'promote', run: () => change(phone, redraw, () => api.promote(one.id, { by: phone.uid, ...which, admin: true })) },
      { icon: 'trash', label: t('remove'), danger: true, test: 'remove-member', run: () => dismiss(phone, one, user, which, redraw) },
    ]),
  { 'aria-haspopup': 'menu' });
  const open = () => {
    close();
    openPerson(phone, user);
  };
  return h(
    'div',
    { class: 'line', test: `member-${user.is_bot ? 'bot' : user.id}` },
    h('button', { type: 'button', class: 'line-main', onclick: open }, avatar(mark(user), user.id, user.is_bot ? 'bot' : ''), h('span', { class: 'choice-words' }, h('strong', {}, fullName(user)), h('small', {}, person(user.id)?.note || (user.is_bot ? t('bot') : '')))),
    role ? h('span', { class: 'tag' }, t(role)) : null,
    may && status !== 'creator' && user.id !== phone.uid ? more : null,
  );
}

async function dismiss(phone, one, user, which, redraw) {
  if (!(await confirm(phone, t('remove_ask', { name: fullName(user) }), { title: t('remove'), yes: t('remove') }))) return;
  await change(phone, redraw, () => api.removeMember(one.id, { by: phone.uid, ...which }));
}

function memberButtons(phone, one, may, redraw) {
  const inside = new Set(present(one).map((member) => member.user.id));
  const botIn = inside.has(store.bot.id);
  const add = async () => {
    const items = store.users.filter((user) => !inside.has(user.id)).map((user) => ({ value: user.id, title: fullName(user), note: user.note, picture: avatar(mark(user), user.id), test: `add-${user.id}` }));
    const uid = await choose(phone, t('add_member'), items);
    if (uid) await change(phone, redraw, () => api.addMember(one.id, { by: phone.uid, user: uid }));
  };
  const bot = (admin) => change(phone, redraw, () => api.addMember(one.id, { by: phone.uid, bot: true, admin }));
  const botAdmin = one.members.some((member) => member.user.is_bot && member.status === 'administrator');
  return [
    small('plus', t('add_member'), add, { test: 'add-member' }),
    botIn ? null : small('bot', t('add_bot'), () => bot(false), { test: 'add-bot-here' }),
    may && !botAdmin ? small('star', t('bot_admin'), () => bot(true), { test: 'bot-admin' }) : null,
  ];
}

function topicRow(phone, one, topic, may, close, redraw) {
  const open = () => {
    close();
    phone.open(one.id, { thread: topic.message_thread_id });
  };
  const drop = async () => {
    if (!(await confirm(phone, t('drop_topic_ask', { name: topic.name }), { title: t('drop_topic'), yes: t('delete') }))) return;
    await change(phone, redraw, () => api.dropTopic(one.id, topic.message_thread_id));
  };
  return h('div', { class: 'line' }, h('button', { type: 'button', class: 'line-main', onclick: open }, icon('chat'), h('strong', {}, topic.name)), topic.closed ? h('span', { class: 'tag' }, t('closed')) : null, may ? iconButton('trash', `${t('drop_topic')}: ${topic.name}`, drop) : null);
}

function linkRow(phone, link, close) {
  const open = () => {
    close();
    follow(phone, link.invite_link);
  };
  const tags = [link.creates_join_request && t('by_request'), link.revoked && t('revoked')].filter(Boolean);
  return h(
    'div',
    { class: 'line' },
    h('button', { type: 'button', class: 'line-main', onclick: open }, icon('link'), h('span', { class: 'choice-words' }, h('strong', {}, link.name || link.invite_link.replace(/^https?:\/\//, '')), link.name ? h('small', {}, link.invite_link.replace(/^https?:\/\//, '')) : null)),
    tags.map((tag) => h('span', { class: 'tag' }, tag)),
    iconButton('copy', t('copy'), () => copyText(phone, link.invite_link)),
  );
}

export async function newTopic(phone, id) {
  const given = await form(phone, t('new_topic'), [{ name: 'name', label: t('topic_name'), required: true }], t('create'));
  if (!given?.name) return;
  await phone.run(async () => {
    const topic = await api.makeTopic(id, { by: phone.uid, name: given.name });
    await loadState();
    await phone.refreshChats();
    await phone.open(id, { thread: topic.message_thread_id });
  });
}

async function upgrade(phone, id, close, forum) {
  if (!(await confirm(phone, t('upgrade_ask'), { title: t(forum ? 'upgrade_forum' : 'upgrade') }))) return;
  await phone.run(async () => {
    const made = await api.migrate(id, { by: phone.uid, is_forum: forum });
    await loadState();
    await phone.refreshChats();
    close();
    await phone.open(made.id);
  });
}

export async function leaveGroup(phone, id) {
  if (!(await confirm(phone, t('leave_ask', { title: group(id)?.title || '' }), { title: t('leave'), yes: t('leave') }))) return false;
  const left = await phone.run(async () => {
    await api.leave(phone.uid, id);
    await loadState();
    await phone.refreshChats();
    return true;
  });
  return Boolean(left);
}

/** Asks for a name, a kind and members, and makes the group with this person as its owner. */
export async function newGroup(phone) {
  const others = store.users.filter((user) => user.id !== phone.uid);
  const radio = (value, label, checked) => h('label', { class: 'pill' }, h('input', { type: 'radio', name: 'kind', value, checked }), label);
  const kinds = h('fieldset', { class: 'kinds' }, h('legend', {}, t('kind')), radio('group', t('kind_group'), true), radio('forum', t('kind_forum'), false));
  const tick = (value, label, note, picture) => h('label', { class: 'choice' }, h('input', { type: 'checkbox', value, test: `pick-${value}` }), picture, h('span', { class: 'choice-words' }, h('strong', {}, label), h('small', {}, note)));
  const members = h('fieldset', { class: 'ticks' }, h('legend', {}, t('members')), tick('bot', store.bot.first_name, t('bot'), avatar('代', 0, 'bot')), others.map((user) => tick(user.id, fullName(user), user.note, avatar(mark(user), user.id))));
  const given = await form(phone, t('new_group'), [{ name: 'title', label: t('group_title'), required: true }], t('create'), [kinds, members]);
  if (!given?.title) return;
  const chosen = [...members.querySelectorAll('input:checked')].map((input) => input.value);
  const forum = kinds.querySelector('input:checked').value === 'forum';
  await phone.run(async () => {
    const made = await api.makeGroup({ title: given.title, owner: phone.uid, is_forum: forum, members: chosen.filter((value) => value !== 'bot').map(Number) });
    if (chosen.includes('bot')) await api.addMember(made.id, { by: phone.uid, bot: true });
    await loadState();
    await phone.refreshChats();
    await phone.open(made.id);
  });
}
