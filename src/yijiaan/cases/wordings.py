"""What the case base says to reporters and to units; an installation may word it its own way."""

from yijiaan.cases.models import Kind
from yijiaan.cases.queries.categories import list_categories
from yijiaan.core.scope import Actor
from yijiaan.engines.texts.providers import Sentence, declare, declare_scopes, gaps_in

PROGRESS = "报事人查进度时看到的"
TOLD = "单位收到的通知"

# when, headline, the line below it
STATES = {
    "received": ("刚收到，还没有派单", "收到了", "正在安排人来办"),
    "received_again": ("退回重办，正在重派", "收到了新情况", "正在重新安排人来办"),
    "need_info": ("请报事人补充", "想请您补充一点情况", "补充以后接着办；没有补充也会照常往下办"),
    "arbitration": ("两家都说不归自己，正在裁定", "正在定由哪家办", "一个工作日内定下来"),
    "coordinating": ("几家单位一起办", "{单位}正在和几家单位一起办", ""),
    "suspended": ("挂账", "现在还办不了，先记着，不会忘", ""),
    "merged": ("并案", "和别人报的同一件事合在一起办了", ""),
    "dispatched": ("派给了单位，还没有签收", "交给了{单位}", "等他们接手"),
    "in_progress": ("正在办", "{单位}正在办", ""),
    "redone": ("不满意，正在重办", "{单位}正在重新办", "您说没办好，退回去重办了"),
    "reworked": ("核查不过，正在再办", "{单位}正在再办", "核查的人说还没办到，退回去再办"),
    "verifying": ("办结了，正在核查", "办好了，正在核查", "另外的人去看看是不是真办好了，看过再请您评价"),
    "callback": ("办结了，等评价", "办好了，请您看看", "说一声满不满意，没办好可以退回去重办"),
    "rated": ("评价了，中心再联系", "收到您的评价", "镇里会再联系您"),
    "rejected": ("不予受理", "这件事不归这里受理", ""),
    "withdrawn": ("报事人撤回", "您撤回了这件事", "要是又需要办，请重新报一件"),
    "closed": ("结案", "这件事办完了", ""),
}
NEWS = {
    "cases.dispatched": ("派单给主办", "请签收"),
    "cases.assists": ("派单给协办", "请协办"),
    "cases.reopened": ("不满意，退回重办", "报事人不满意，请重办"),
    "cases.returned": ("单位退回", "退回来了，请重派"),
    "cases.returned_again": ("第二次退回", "第二次退回，请裁定由谁办"),
    "cases.ruled": ("裁定由您单位办", "裁定由您单位办，请签收"),
    "cases.answered": ("报事人补充了", "报事人补充了情况，请接着办"),
    "cases.unanswered": ("报事人没有补充", "报事人没有补充，请接着办"),
    "cases.replied": ("报事人回话", "报事人回话了，请看"),
    "cases.call_asked": ("请中心代打电话", "请代打一个电话"),
    "cases.call_made": ("中心打过电话了", "请代打的电话打过了，请看"),
    "cases.extended": ("批准延期", "延期批了"),
    "cases.request_refused": ("申请没有批", "申请没有批，请看意见"),
    "cases.suspended": ("批准挂账", "挂账批了"),
    "cases.resumed": ("恢复办理", "恢复办理了"),
    "cases.whistled": ("吹哨，叫来几家", "镇里为这件事吹哨"),
    "cases.summoned": ("吹哨叫来的单位", "吹哨叫您单位来，请按时报到"),
    "cases.merge_received": ("又并进来一件", "又并进来一件同样的"),
    "cases.followed": ("又有人报同一件", "又有人报同一件"),
    "cases.appealed": ("报事人要求复核", "不予受理后报事人要求复核，请重新看"),
    "cases.reported_up": ("下面提级上报", "提级上报，请确认派给谁"),
    "cases.verify_failed": ("核查不过", "核查不过，请再办"),
    "cases.urged": ("催办", "有人催办"),
    "cases.supervised": ("督办", "督办"),
    "cases.instructed": ("批示", "有批示"),
    "cases.restarted": ("结案后再启动", "结案后又有新情况，请派单"),
    "cases.withdrawn": ("报事人撤回", "报事人撤回了，不用再办"),
}


SCRIPT = "回访时念的话"
SCRIPTS = {
    Kind.HELP: "您好，我是{中心}的。您反映的“{事情}”，{单位}说办好了。想问您两句：问题解决了没有？您满意吗？",
    Kind.COMPLAINT: "您好，我是{中心}的。您投诉的“{事情}”，{单位}处理完了。想问您两句：处理的结果您知道了没有、解决了没有？您满意吗？",
    Kind.ENQUIRY: "您好，我是{中心}的。您问的“{事情}”，{单位}答复过了。想问您两句：问明白了没有？您满意吗？",
    Kind.SUGGESTION: "您好，我是{中心}的。您建议的“{事情}”，{单位}研究过了，结果您看到了没有？您满意吗？谢谢您提建议。",
    Kind.PRAISE: "您好，我是{中心}的。您夸{单位}的话我们转到了，谢谢您。“{事情}”还有要我们做的吗？您满意吗？",
    Kind.CLUE: "您好，您反映的线索有结果了，现在说话方便吗？结果您看到了没有？您满意吗？",
    Kind.TIP: "您好，您反映的事情有结果了，现在说话方便吗？结果您看到了没有？您满意吗？",
}


SMS = "报事人收到的短信"
# to a reporter outside: number, state and link, never a name or what it is about
TOLD_OUTSIDE = {
    "received": (
        "收到了",
        "您反映的事收到了，编号{编号}，{承诺}会有人和您联系。看进度：{链接}",
        ("编号", "承诺", "链接"),
    ),
    "signed": ("有单位接手了", "编号{编号}的事，{单位}已经接手在办。看进度：{链接}", ("编号", "单位", "链接")),
    "need_info": ("请补充", "编号{编号}的事还差一点情况，请点开补充，补充后接着办：{链接}", ("编号", "链接")),
    "extended": ("延期", "编号{编号}的事还要些时间，最晚{日期}办完。看原因：{链接}", ("编号", "日期", "链接")),
    "finished": ("办好了，请评价", "编号{编号}的事办好了，请看看结果、说一声满不满意：{链接}", ("编号", "链接")),
    "closed": ("办完了", "编号{编号}的事办完了。结果在这里：{链接}", ("编号", "链接")),
    "rejected": ("不予受理", "编号{编号}的事不归这里受理，原因和可以找的地方：{链接}", ("编号", "链接")),
}


def told_code(event: str) -> str:
    """What a reporter is told by SMS."""
    return f"cases.sms.{event}"


def headline_code(state: str) -> str:
    """The sentence that heads the progress page."""
    return f"cases.progress.{state}"


def detail_code(state: str) -> str:
    """The line below it."""
    return f"cases.progress.{state}.detail"


def news_code(verb: str) -> str:
    """What a unit is told of a deed."""
    return f"cases.news.{verb.removeprefix('cases.')}"


def declare_wordings() -> None:
    """Called once when the apps are ready."""
    for state, (label, headline, detail) in STATES.items():
        gaps = ("单位",) if "{单位}" in headline else ()
        declare([Sentence(headline_code(state), PROGRESS, label, headline, gaps)])
        if detail:
            declare([Sentence(detail_code(state), PROGRESS, f"{label}（下面一行）", detail)])
    declare(Sentence(news_code(verb), TOLD, label, text) for verb, (label, text) in NEWS.items())
    declare(
        Sentence(f"cases.callback_script.{kind.value}", SCRIPT, f"回访：{kind.label}", text, tuple(gaps_in(text)))
        for kind, text in SCRIPTS.items()
    )
    declare(
        Sentence(told_code(event), SMS, label, text, gaps, is_scoped=True)
        for event, (label, text, gaps) in TOLD_OUTSIDE.items()
    )
    declare_scopes(_categories)


def _categories(actor: Actor) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for big, leaves in list_categories(actor):
        found.append((big.code, f"{big.name}（全部）"))
        found += [(leaf.code, f"{big.name}：{leaf.name}") for leaf in leaves]
    return found
