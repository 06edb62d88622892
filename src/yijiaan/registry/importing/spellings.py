"""What ledgers write for our codes: other spellings, and the numbers of the national code tables where ledgers print those."""

from collections.abc import Iterable, Sequence

SPELLINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "person.id_kind": {
        "identity_card": ("身份证", "居民身份证号", "二代身份证"),
        "permit": ("港澳居民来往内地通行证", "台湾居民来往大陆通行证", "港澳台居民居住证"),
        "birth": ("出生证", "出生证明"),
        "other": ("其他", "军官证", "户口簿"),
    },
    # GB/T 2261.1
    "person.sex": {"male": ("男性", "1"), "female": ("女性", "2")},
    # GB/T 4762
    "person.political": {
        "party": ("党员", "中国共产党党员", "01"),
        "candidate": ("预备党员", "中国共产党预备党员", "02"),
        "youth": ("团员", "共青团员", "中国共产主义青年团团员", "03"),
        "other_party": ("民革", "民盟", "民建", "民进", "农工党", "致公党", "九三学社", "台盟", "民主党派成员"),
        "masses": ("无党派", "无党派人士", "无", "普通群众", "13"),
    },
    # GB/T 4658
    "person.education": {
        "none": ("文盲", "文盲或半文盲", "半文盲", "学龄前", "无", "学前"),
        "primary": ("小学毕业", "小学文化"),
        "middle": ("初级中学", "初中毕业"),
        "high": ("高级中学", "普通高中", "高中毕业"),
        "vocational": ("中专", "中技", "技校", "职高", "职业高中", "中等专科", "中专/职高/技校"),
        "college": ("专科", "大学专科", "高职", "大学专科和专科学校", "专科教育"),
        "bachelor": ("大学", "大学本科", "本科及以上", "大本", "学士"),
        "master": ("硕士", "博士", "硕士研究生", "博士研究生", "研究生及以上"),
    },
    # GB/T 2261.2
    "person.marital": {
        "single": ("10", "没结婚"),
        "married": ("20", "初婚", "再婚", "复婚", "有配偶", "结婚"),
        "widowed": ("30", "丧"),
        "divorced": ("40", "离异", "离"),
    },
    "person.kind": {
        "registered": ("户籍", "常住人口", "常住", "常口", "本地"),
        "floating": ("流动", "流口", "外来人口", "暂住人口", "外来"),
        "unregistered": ("未落户", "未落常住户口"),
        "overseas": ("境外", "境外居留人员", "外国人"),
    },
    "person.residence": {
        "same": ("人户合一", "一致", "是", "在户", "人在户在", "人户一致的"),
        "away": ("人户分离", "不一致", "否", "人不在", "户在人不在的", "外出"),
        "here": ("人在户不在的", "寄住"),
    },
    # GB/T 4761
    "person.relation": {
        "head": ("本人", "本人或户主", "户主本人", "01", "02"),
        "spouse": ("妻", "妻子", "夫", "丈夫", "爱人", "老伴", "配偶（妻）", "配偶（夫）"),
        "child": (
            "子", "女", "儿子", "女儿", "长子", "次子", "三子", "四子", "五子", "独生子", "长女", "次女", "二女", "三女",
            "四女", "五女", "独生女", "二子", "养子", "养女", "继子", "继女",
        ),
        "child_in_law": ("儿媳", "媳妇", "儿媳妇", "女婿", "儿媳或女婿", "长媳", "次媳"),
        "parent": ("父", "母", "父亲", "母亲", "公公", "婆婆", "岳父", "岳母", "继父", "继母"),
        "grandparent": ("祖父", "祖母", "爷爷", "奶奶", "外祖父", "外祖母", "姥爷", "姥姥", "祖父母或外祖父母"),
        "grandchild": ("孙", "孙子", "孙女", "外孙", "外孙子", "外孙女", "孙子女或外孙子女", "孙媳", "重孙"),
        "sibling": ("兄", "弟", "姐", "妹", "哥哥", "弟弟", "姐姐", "妹妹"),
        "other": ("其他亲属", "非亲属", "保姆", "儿媳的父母", "侄子", "侄女", "外甥", "外甥女", "伯父", "叔父", "亲戚"),
    },
    "household.kind": {
        "family": ("家庭", "普通户", "家庭户口"),
        "collective": ("集体", "集体户口"),
        "tenant": ("租住", "租户", "出租户", "承租户", "租房户"),
    },
    "room.use": {
        "home": ("居住", "住房", "自住", "民用住宅"),
        "mixed": ("商住", "商住两用", "住宅兼商业"),
        "business": ("商用", "门面", "商铺", "门市", "经营"),
        "factory": ("厂房", "仓库", "生产", "仓储"),
        "office": ("办公用房",),
        "school": ("教学", "教育"),
        "empty": ("空置", "空闲", "闲置房", "无人居住"),
    },
    "room.is_rented": {"yes": ("有", "1", "出租", "已出租", "√"), "no": ("无", "0", "未出租", "自住", "不是", "×")},
    "organisation.kind": {
        "company": ("公司", "有限公司", "有限责任公司", "国有企业", "民营企业", "私营企业", "工厂"),
        "shop": ("个体", "个体户", "商户", "沿街商户", "门店", "商店", "超市"),
        "farm": ("合作社", "家庭农场", "农民专业合作社"),
        "school": ("学校", "幼儿园", "小学", "中学"),
        "clinic": ("医院", "卫生院", "卫生室", "诊所", "药店"),
        "office": ("机关", "事业单位", "机关单位", "村委会", "国家机关"),
        "society": ("社会团体", "民办非企业单位", "协会", "基金会"),
        "other": ("其他单位",),
    },
    "organisation.risk_grade": {
        "low": ("低", "低风险", "蓝", "蓝色", "蓝色风险"),
        "general": ("一般", "一般风险", "黄", "黄色", "黄色风险"),
        "larger": ("较大", "较大风险", "橙", "橙色", "橙色风险"),
        "major": ("重大", "重大风险", "红", "红色", "红色风险"),
    },
    "place.kind": {
        "square": ("广场", "公园", "文化广场", "健身广场"),
        "market": ("市场", "农贸市场", "大集"),
        "hall": ("村委会", "活动室", "党群服务中心", "文化活动室", "村委"),
        "elderly": ("幸福院", "养老院", "敬老院", "养老服务站"),
        "lodging": ("宾馆", "酒店", "招待所", "旅店", "住宿服务场所"),
        "catering": ("饭店", "餐馆", "餐饮服务场所", "食堂"),
        "water": ("水塘", "水库", "河道", "坑塘", "鱼塘"),
        "site": ("工地", "施工场所", "建筑工地"),
        "other": ("其他场所",),
    },
    "facility.state": {
        "fine": ("正常", "良好", "好"),
        "worn": ("陈旧", "一般"),
        "broken": ("损坏的", "破损", "故障", "坏"),
        "gone": ("丢失", "缺损", "没有了"),
    },
}  # fmt: skip
_SAME_AS = {"building.use": "room.use", "place.risk_grade": "organisation.risk_grade"}


def spelled(name: str, choices: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Choices of a field (kind.key) with what else ledgers write for them, each spelling once."""
    others = SPELLINGS.get(_SAME_AS.get(name, name), {})
    taken = {text for code, label in choices for text in (code, label)}
    found = []
    for code, label in choices:
        more = tuple(text for text in dict.fromkeys(others.get(code, ())) if text not in taken)
        taken.update(more)
        found.append((code, label, *more))
    return tuple(found)
