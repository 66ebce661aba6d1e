// The ⋯ menu of an open chat.

import { api } from './api.js';
import { confirm, menu, toast } from './dialogs.js';
import { groupInfo, leaveGroup } from './groups.js';
import { t } from './i18n.js';
import { shareOwnPhone } from './keyboards.js';
import { addBotToGroup, start } from './links.js';
import { person } from './store.js';

export function chatMenu(chat, at) {
  const { phone } = chat;
  if (chat.key === 'bot') return menu(phone, at, botItems(chat));
  if (!chat.isGroup) return menu(phone, at, [{ icon: 'back', label: t('back'), run: () => phone.close() }]);
  return menu(phone, at, [
    { icon: 'info', label: t('group_info'), test: 'group-info', run: () => groupInfo(phone, chat.key) },
    chat.row.member && { icon: 'exit', label: t('leave'), danger: true, test: 'leave', run: () => leaveGroup(phone, chat.key) },
  ]);
}

function botItems(chat) {
  const { phone, row } = chat;
  const english = /^en/.test(person(phone.uid)?.language_code || '');
  const block = async (blocked) => {
    if (blocked && !(await confirm(phone, t('block_ask'), { title: t('block'), yes: t('ok') }))) return;
    await phone.run(async () => {
      await api.block(phone.uid, blocked);
      toast(phone, t(blocked ? 'blocked_done' : 'unblocked_done'));
    });
  };
  return [
    { icon: 'bot', label: t('restart'), test: 'restart', run: () => phone.run(() => start(phone)) },
    !row.blocked && { icon: 'phone', label: t('share_phone'), test: 'share-phone', run: () => shareOwnPhone(phone) },
    { icon: 'people', label: t('add_bot'), note: t('choose_group'), test: 'add-bot', run: () => phone.run(() => addBotToGroup(phone)) },
    {
      icon: 'globe',
      label: t(english ? 'to_chinese' : 'to_english'),
      test: 'person-language',
      run: () =>
        phone.run(async () => {
          await api.changePerson(phone.uid, { language_code: english ? 'zh-hans' : 'en' });
          toast(phone, t('language_done'));
        }),
    },
    row.blocked ? { icon: 'check', label: t('unblock'), test: 'unblock-menu', run: () => block(false) } : { icon: 'block', label: t('block'), danger: true, test: 'block', run: () => block(true) },
  ];
}
