"""What a Chinese personal name looks like: surnames, the characters given names are made of, and the words that only look like a name."""

from __future__ import annotations

import re

from models.words_like_names import ENDS_IN_A_SURNAME, LOOK_ALIKE

_DOUBLE = (
    "欧阳 司马 上官 诸葛 夏侯 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 东方 南宫 端木 呼延 轩辕 完颜 钟离 独孤 澹台 闻人 申屠 公冶 万俟"
)
DOUBLE_SURNAMES = _DOUBLE.split()
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦"
    "付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞"
    "左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤时穆农司卓古吉缪简车项连芦麦褚娄"
    "窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
    "常闻干匡储谌晁郗阚郜鄢桓冀厉栗漆邸宿郁亓旷冼芮奚羿昝訾阙茹鞠荆薄濮扈浦雍蒯竺戈鹿仝逄綦逯展祖刀赖洪辜丘晋廉盖木燕谈屠揭糜伏习胥蔺茅酆湛禹"
    "狄贝裘贲杭诸钮嵇荀於隗宓戎韶蓟邰鄂贡郦郤璩寿慕宦庾暨厍勾毋乜巢尉闾粟寸尧"
)

CLEAR_SURNAMES = (
    "王李张刘陈杨赵吴周徐孙朱胡郭罗郑梁谢宋唐韩冯邓曹彭肖萧董袁潘蒋蔡余杜叶苏魏吕丁沈姚卢姜崔钟谭陆汪廖贾韦付傅邹孟熊秦邱尹薛闫阎侯陶黎贺顾郝龚邵"
    "严戴莫汤施樊葛邢倪聂鲁岳翟殷詹耿焦俞柳祝霍童凌骆柴鲍喻祁蒲纪欧卓林黄范"
)
"""Hardly ever anything but a surname, where no common word ends in it."""
_GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华玉珍文云国春荣小红梅建海德金志林永萍清香美凤俊燕辉波宏斌莉丹洁颖婷雪琳晶慧倩璐蕾瑶瑜怡佳欣"
    "梦雅诗涵梓轩子宇浩然博睿泽晨阳皓佑昊铭逸鑫嘉琪萱妍彤彩菊莲翠花芬芝琴素月仙巧娥凡帆飞鹏龙虎豪凯旋柳松柏竹森木根柱栋梁材才贵财福禄寿喜庆祥瑞"
    "吉利顺康健安宁和民众新立兴旺昌隆茂达运胜义仁礼智信忠孝诚贤良善正廉洪广山河江湖川泉溪源润水火石珠宝瑚琼瑰玲珑琦珂珺璇玥琬瑾瑗家邦卫东援朝放跃"
    "进抗爱武光亮煌耀晖曦旭昕晓曙昱景晴岚岩峻峥嵘岳嵩峦昆仑冰霜露雨雯霏虹星辰宸乾坤元亨征久思念忆怀恩慈惠恒恺悦愉忻士世伯叔季孟兆先克勤俭冬秋夏"
    "冠凌剑功勋升卓南北厚双君启哲啸园坚城培堂增声太奇奎奕妮姗姣娇婉媛嫣学宗定宜宪富尊尧岭岱峰巍帅延廷弘彦彪彬影徽心慕成扬承振捷政敬昭晋智朋朗本杏"
    "杭枝枫树桃桐楠槐欢歌毅汉沛泓泰津涌淑渊滨潇澄澜灿炎炳烈焕焱煜熙爽玮环珊瑛璋璞生畅盈益盛真石社祖禹科穆笑筠策粉紫纪纯绍维群翔翰联腊臣舒舟艺艾"
    "芙芦芮苏若范茜茵荔荷莎菁菲萌蓉蓓蔚蕊薇蝶衡裕誉训诺谦贞越迪郁钢钦钧铁锋锐锦雁雄霖青靖韬韵颂风馨骁骏魁鸣鸿鹃鹤麒麟黎雷贝娅婧姝婵媚娴妹莹薪焰钊"
    "锁铎钰钗翊翎聪耘耕芷芸荃莘菡葆蕙薏衍谊谨贺赟轶辰邺郎郡钟锟闯阔雍霄靓韩颜飒驰骥鲲鹰麦默齐乐军仪伊伦佩侠倩傲儒冉劲勉匡友发圣垒壮夫奋存孔宽"
    "有来田满仓长大尉少岗峡崇川希干广庭彰德忍恬悠憨憬懿才扣抒拥挺改敦斐斯斓旦昂晏晟晗普曼朔杨栓桢棋棠椿楚榕樱欧殿毓沁治法泳洲浦涓涧淇淼渝湘溢"
    "滔漪潮灵炜烁烨焘"
    "煊熠燊爵牧献玫玺珈珉珩琛琰琨琮瑄璟甜甫留畴皎盼睦砚祺禄秉秦稳穗立端竞笛筱箐紫纬绮维罡羽翘耿聿肃芹苓苗茗莺菱萃葵蓝藩蕴虔蟾"
    "业保守继传道远高开济修威震望鼎微锡银容碧图龄丰冲显初祯禧崧嫒怜荞蓁芊伶俐珮沅淳沐洵涟淳灏炫炯烽炅熹曜暄晔昀晰旻朦楷柯栩栎桦枢榆樊楹檀橙潞"
    "湛皑碩磐祜祁禛稚竣笙箫翩胤舜荟莞菀葭蒋蓦薛蘅蛟觅詠谧豫赫逊邈郴钥铃铮铠锴镕镜陶隽霁霆韦韧韶颐飏骞骅骆鲜鸥鸽麓龄嫔姿妤妙娆嫱卿倬俏俪偲傅允"
    "兢冀劭勖卉吟咏喆喻垚堃墨孜孺宥宾寅寰屹岑崎帛庚弛彭徵悟惟愫懋拓敖旎昶晁"
)
FOLLOWERS = (
    "住在是的有电手家今年男女现系为于因和与跟，及等到去来说要想从向对被把给也都还就又已曾将会能可不没先您你我他她它们这那从没收拿让叫"
)
"""What follows a name in running text far more often than it ends one."""
_NEVER_LAST = FOLLOWERS + "长"
_LATE = "来家先有"
"""These end some names for all that."""
NOT_LAST = "镇村乡区县市省街路站厂校店司会组队民员工长师生童局院所城里湾庄屯岗园苑港桥河山湖国党团委办室号科系部人场业期楼栋厦馆线"
"""No name ends so, but many places, trades and bodies do."""
_PLACES = "镇村乡区县市省街路站厂校店湾庄屯岗园苑港桥河湖院所城里场楼栋厦馆郡殿"
_PLACE_WORDS = re.compile("社区|小区|大道|大街|广场|公园|公司|集团|中学|小学|大学|中心|医院|商场|超市|花园|家园|新村")
"""What goes on so is a place."""
_BEHIND = (
    "叔叔",
    "伯伯",
    "爷爷",
    "奶奶",
    "大叔",
    "大婶",
    "大娘",
    "老师",
    "医生",
    "先生",
    "女士",
    "小姐",
    "同志",
    "老人",
    "大爷",
    "大妈",
    "阿姨",
    "师傅",
    "大姐",
    "大哥",
    "经理",
    "警官",
)

_PUBLIC_NAMES = "毛泽东 周恩来 邓小平 江泽民 胡锦涛 习近平 温家宝 李克强 雷锋 焦裕禄 孔繁森 鲁迅 曾国藩 柳宗元 陶渊明 王安石"
PUBLIC = frozenset(_PUBLIC_NAMES.split())
"""Whose names stand for something else."""

_HAN = "\u4e00-\u9fff"
_GIVEN_SET = frozenset(_GIVEN)
_SHAPE = re.compile(rf"(?P<surname>{'|'.join(DOUBLE_SURNAMES)}|[{SURNAMES}])(?P<given>[{_HAN}]{{1,2}})")
NAME = rf"(?:(?:{'|'.join(DOUBLE_SURNAMES)})[{_HAN}]{{1,2}}|[{SURNAMES}][{_HAN}]{{1,2}})"
"""A surname and one or two characters, for a look ahead; ``fitted`` decides."""
_BY_SOUND = (
    "阿卜杜逊热艾爱安奥巴班贝伯布别才参茨措达德迪丁顿多尔尕噶格古哈海赫合吉加嘉江金卡开坎克库拉兰勒力里丽莉利林鲁罗洛玛买麦曼"
    "米木穆纳乃娜尼努诺帕其齐恰且仁日茹肉萨赛桑沙山斯苏素索塔特提图吐托瓦旺维乌吾西希夏雅亚央伊依玉孜再扎珠祖卓"
)
MINORITY_NAME = rf"(?:[{_BY_SOUND}]{{1,8}}(?:[·•・‧][{_BY_SOUND}]{{1,8}}){{1,3}}|[{_BY_SOUND}]{{4,8}}(?![{_HAN}]))"
"""Names of other peoples, in parts or written by sound."""
_NOT_HAN = re.compile(rf"(?![{_HAN}])")


def typical(given: str) -> bool:
    """Whether given names are often made of these characters."""
    return _GIVEN_SET.issuperset(given)


def bound(text: str, at: int) -> bool:
    """Whether a name that stands before ends here because no Chinese character follows."""
    return _NOT_HAN.match(text, at) is not None


def _parted(text: str, at: int) -> bool:
    return bound(text, at) or text[at] in FOLLOWERS or text.startswith(_BEHIND, at)


def _a_place(text: str, at: int) -> bool:
    return text[at] in _PLACES or _PLACE_WORDS.match(text, at) is not None


def fitted(text: str, start: int, *, sure: bool = False) -> int | None:
    """Where the name that begins here ends; None when it is no name. ``sure``: the text says that a name follows.

    Given names are made of a few hundred characters, so that most names end where they do though nothing parts them from what follows;
    a rarer character needs something that does.
    """
    found = _SHAPE.match(text, start)
    if found is None:
        return None
    two, end, given = found.start("given") + 1, found.end(), found["given"]
    whole = end > two
    first, last = typical(given[0]), whole and typical(given[1]) and given[1] not in _NEVER_LAST
    if text[start : start + 2] in LOOK_ALIKE:
        return _though_a_word(text, two, given, sure=sure)
    if text.startswith(_BEHIND, two - 1) or given[1:] == "长" or (given[0] in FOLLOWERS and not (first and last) and not (last and sure)):
        return None
    if first and last and (_parted(text, end) if given[0] in "有来" else sure or bound(text, end) or not _a_place(text, end)):
        return end
    if first and whole and given[1] in _LATE and (bound(text, end) or (sure and _parted(text, end))):
        return end
    if _parted(text, two) and (first or sure):
        return two
    if whole and (sure or (given[1] not in NOT_LAST and (first or last))) and _parted(text, end):
        return end
    if first and (sure or not (given[1] in NOT_LAST or _PLACE_WORDS.match(text, two))):
        return two
    return end if sure and whole else None


def _though_a_word(text: str, two: int, given: str, *, sure: bool) -> int | None:
    """Some people's names begin with a word, or are one: then all else must speak for a name."""
    if len(given) == 2 and typical(given) and (sure or given[1] not in _NEVER_LAST) and _parted(text, two + 1):
        return two + 1
    return two if sure and (bound(text, two) or text[two] == "住") else None


def usual(text: str, start: int) -> int | None:
    """Where the name that begins here ends if nothing about it is rare; None otherwise."""
    end = fitted(text, start)
    if end is None or (found := _SHAPE.match(text, start)) is None:
        return None
    return end if typical(text[found.start("given") : end]) else None


def clear(text: str, start: int) -> int | None:
    """Where a name of three characters ends that begins here and is one wherever it stands; None otherwise.

    A surname that is hardly anything else, two characters that given names are made of, and no word or place in sight.
    """
    end, given = start + 3, text[start + 1 : start + 3]
    words = text[start : start + 2] in LOOK_ALIKE or text[max(0, start - 1) : start + 1] in ENDS_IN_A_SURNAME
    if words or given in _BEHIND or _PLACE_WORDS.match(given) or not typical(given) or given[1] in _NEVER_LAST:
        return None
    return end if bound(text, end) or not (_a_place(text, end) or given[0] == "家") else None
