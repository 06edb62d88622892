"""Some weeks of the town's cases in late autumn: what people say, where, and how far each has come."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shapely.geometry import Point, shape

from yijiaan.accounts.models import Post
from yijiaan.accounts.queries import public_actor, staff_actor
from yijiaan.areas.models import Area, Border
from yijiaan.cases import actions
from yijiaan.cases.actions import Intake, Receipt
from yijiaan.cases.models import Case
from yijiaan.cases.queries import get_report_by_tracking, reporter_actor, suggest_dispatch
from yijiaan.core import clock
from yijiaan.core.scope import Actor, system
from yijiaan.demo.people import COUNTY, TOWN, Town
from yijiaan.engines.journal.actions import deliver
from yijiaan.engines.todos.actions import tell_due_todos


@dataclass(frozen=True)
class Story:
    """One trouble. days: how long ago it was told; end: how far it has come."""

    text: str
    village: str
    place: str
    days: float
    end: str
    result: str = ""
    channel: str = "snap_report"
    kind: str = "help"
    rating: str = ""


# end: new | dispatched | doing | verifying | asked | closed | redone | spot | taken | raised | rejected | withdrawn | silent
STORIES = (
    Story("三村东头路灯又不亮咧，娃娃放学看不清，上回修了没几天。", "新驿三村", "中心小学往北约 200 米", 0.05, "new"),
    Story(
        "邻居垒墙占了滴水檐，两家在门口吵起来了。",
        "王楼村",
        "村西头第二排",
        0.06,
        "new",
        channel="grid_worker",
        kind="complaint",
    ),
    Story("东二村自来水早上没压力，做饭接不上水。", "东二村", "全村", 0.12, "dispatched", channel="phone"),
    Story("加油站东边路上一个大坑，夜里骑车摔了人。", "王堂村", "加油站东 50 米", 3.1, "doing", channel="phone"),
    Story("老人家里电线老化，一开电暖气就跳闸。", "皇林新村", "二组东头", 0.09, "new", channel="grid_worker"),
    Story("中心小学东门放学，三轮车把门口堵了。", "新驿一村", "中心小学东门", 0.1, "new", kind="complaint"),
    Story("收白菜的车占了半边路，拉土车过不去。", "姜村", "村口公路边", 2.2, "doing", kind="complaint"),
    Story("机井水泵坏了，浇不上冻水。", "义和庄村", "村南 3 号机井", 5.2, "doing"),
    Story(
        "西东村口垃圾桶满了两天没人拉。", "西东村", "村口", 3.0, "asked", "保洁公司当天清走，加了一个桶，改成一天一收。"
    ),
    Story(
        "沿街饭店油烟直排，楼上开不了窗。",
        "新驿一村",
        "十字路口北",
        10.5,
        "doing",
        kind="complaint",
        channel="grid_worker",
    ),
    Story("煤球炉子烟道接到楼道里，呛得慌。", "新驿三村", "老供销社楼", 7.2, "doing", channel="phone"),
    Story(
        "二组自来水管接头漏水，路上结了冰。",
        "新驿一村",
        "二组",
        4.0,
        "closed",
        "村里换了接头，路面撒了沙子。",
        rating="satisfied",
    ),
    Story("幸福路南头井盖一压就响，夜里睡不着。", "新驿一村", "幸福路南头", 2.0, "taken"),
    Story(
        "李奶奶家东屋烟筒接口脱了，屋里烧着蜂窝煤，她一个人住。",
        "新驿一村",
        "幸福路 26 号",
        1.1,
        "spot",
        "接口已接牢，报警器换了电池。",
        "grid_worker",
    ),
    Story("大集上三轮摆到公路边，车过不去。", "新驿二村", "大集北口", 1.9, "dispatched", kind="complaint"),
    Story(
        "拉土车过村不盖布，一路掉土。",
        "姜村",
        "村中大路",
        6.0,
        "closed",
        "查了三辆车，责令加盖篷布，路面洒水清扫。",
        kind="complaint",
        rating="basically",
    ),
    Story(
        "工地围挡占了人行道，老人得走马路上。",
        "新驿五西村",
        "幼儿园对面",
        8.0,
        "closed",
        "围挡后退一米，留出了人行道。",
        kind="complaint",
        rating="satisfied",
    ),
    Story(
        "村东地头有人烧秸秆，冒烟。",
        "秦村",
        "村东地里",
        20.3,
        "spot",
        "火已扑灭，当面劝说，秸秆联系打捆机收走。",
        "grid_worker",
    ),
    Story(
        "坑塘边上护栏倒了两根，怕小孩掉下去。",
        "骆村",
        "村后坑塘",
        12.4,
        "closed",
        "护栏重新焊好，立了警示牌。",
        rating="satisfied",
    ),
    Story(
        "地邻把地界石挪了，少了我半垄地。",
        "胡营村",
        "村西承包地",
        15.2,
        "closed",
        "两家到场重新量地，按底册放了界石，都签了字。",
        kind="complaint",
        rating="satisfied",
    ),
    Story(
        "干活的工钱拖了三个月没给。",
        "魏楼村",
        "村北工地",
        13.3,
        "closed",
        "司法所约双方见面，老板当场付了一半，余下月底结清。",
        channel="phone",
        rating="basically",
    ),
    Story("村里健身器材的秋千断了。", "郭村", "文化广场", 9.3, "closed", "秋千链子换了新的。", rating="satisfied"),
    Story(
        "想问问家里老人的高龄补贴怎么办。",
        "马楼村",
        "",
        4.6,
        "closed",
        "带上身份证、户口本到村里登记，网格员帮着报到民政办。",
        kind="enquiry",
        rating="satisfied",
    ),
    Story(
        "养鸡场的粪堆在路边，臭得开不了门。",
        "蔡庄村",
        "村南养鸡场",
        11.1,
        "redone",
        "粪堆已清走，撒了石灰，要求密闭存放。",
        kind="complaint",
    ),
    Story("路口反光镜让车撞歪了，看不见来车。", "葛楼村", "村东路口", 7.6, "asked", "反光镜扶正加固了。"),
    Story(
        "大狗没拴，追着孩子咬。",
        "孙村",
        "村中十字街",
        5.3,
        "closed",
        "主人把狗拴进院里，民警上门登记了。",
        kind="complaint",
        rating="satisfied",
    ),
    Story("变压器嗡嗡响，一刮风电线就打火。", "韩马村", "村西变压器", 1.4, "doing"),
    Story(
        "建议在村委院里装两个充电桩，电动三轮没处充电。",
        "董楼村",
        "村委院",
        16.5,
        "closed",
        "装了 4 个充电插座，带雨棚，扫码用。",
        kind="suggestion",
        rating="satisfied",
    ),
    Story(
        "农机没处停，收完麦都摆在路边上。",
        "新李村",
        "村口",
        22.1,
        "closed",
        "村东空场平整出来，划成农机停放区。",
        kind="suggestion",
        rating="satisfied",
    ),
    Story("独居老人没人照看，想问能不能送饭。", "文兴坡村", "三组", 2.8, "taken", channel="grid_worker"),
    Story("下水道堵了，污水流到当街。", "后寺村", "中街", 6.7, "asked", "疏通了 30 米，换了两块盖板。"),
    Story("桥头栏杆让车撞断了。", "高吴桥村", "村西桥头", 3.6, "dispatched", channel="phone"),
    Story("药店卖过期药，日期都改过。", "新驿二村", "大集南头", 5.8, "doing", kind="complaint"),
    Story(
        "停电两个钟头了，电暖不能用。",
        "店子新村",
        "全村",
        9.8,
        "closed",
        "变压器跳闸，抢修后 20:40 送上电。",
        channel="phone",
        rating="satisfied",
    ),
    Story("谢谢网格员帮俺娘办好了医保。", "范窑新村", "", 8.8, "spot", "已转告本人。", "grid_worker", "praise"),
    Story(
        "婆媳为分家吵架，好几天不说话。",
        "苗堂新村",
        "二组",
        14.7,
        "spot",
        "两次上门说和，老人单过，两个儿子轮月送粮。",
        "grid_worker",
    ),
    Story("危房后墙裂缝能伸进手去，下雨不敢住。", "南顿村", "一组西头", 4.9, "doing", channel="grid_worker"),
    Story(
        "飞线充电，线从三楼拉到当街。", "杨营新村", "2 号楼", 2.5, "spot", "线已拆下，领他到车棚充电。", "grid_worker"
    ),
    Story("校车晚点，孩子在路边等了四十分钟。", "袁刘新村", "村口站点", 1.7, "dispatched"),
    Story(
        "半夜歌厅噪音大，老人睡不着。",
        "新驿四村",
        "街南头",
        12.9,
        "closed",
        "检查两次，关窗降音，23 点后不再营业。",
        kind="complaint",
        rating="dissatisfied-then-satisfied",
    ),
    Story("桥底下倒了一堆建筑垃圾。", "型堂村", "村北桥下", 18.2, "silent", "建筑垃圾已清运，立了牌子。"),
    Story(
        "地里沟渠淤了，下雨排不出水。",
        "东三村",
        "村南地里",
        19.5,
        "closed",
        "清淤 200 米，通了涵管。",
        rating="satisfied",
    ),
    Story(
        "配电箱门锈坏了，伸手就能摸着电线，怕漏电。",
        "新驿二村",
        "戏台东边",
        4.4,
        "verifying",
        "换了箱门，上了锁，贴了警示。",
    ),
    Story(
        "村北沟里冲进来的水把路基掏空了，村里垫了两回又塌。",
        "西东村",
        "村北沟边",
        2.6,
        "raised",
        "垫了两车石子，又叫水冲了，得用机械下涵管。",
        channel="grid_worker",
    ),
    Story(
        "和邻居的宅基地官司判了，我不服，你们给改过来。",
        "王楼村",
        "",
        5.5,
        "rejected",
        "这件事法院已经判了，不服可在 15 天内上诉；想先问问律师，镇司法所周一到周五上班，不收钱。",
    ),
    Story("门口垃圾桶没人倒。", "东二村", "村委西", 1.4, "withdrawn", "刚才已经倒了。"),
    Story("收了我的钱没给办低保，村里人给自己亲戚办了。", "东一村", "", 6.2, "tip", kind="tip"),
)


def live(town: Town, tick: Callable[[int], None]) -> int:
    """Tell every story deed by deed, oldest first, each at its own time; returns how many."""
    chance = random.Random(370812102)  # noqa: S311 - a fixed tale, no secret
    now = clock.now()
    for number, story in enumerate(sorted(STORIES, key=lambda story: -story.days), 1):
        Teller(town, story, chance, number, now).tell()
        tick(1)
    tell_due_todos(actor=system("demo"))
    while deliver(actor=system("demo")):
        pass
    return len(STORIES)


class Teller:
    """One story, from the first word to where it stands."""

    def __init__(self, town: Town, story: Story, chance: random.Random, number: int, now: datetime) -> None:
        self.town, self.story, self.chance, self.number, self.now = town, story, chance, number, now
        self.at = now - timedelta(days=story.days)
        if story.days >= 1:  # people report in the day
            self.at = clock.day_start(clock.local_day(self.at)) + timedelta(hours=chance.uniform(7.2, 19.5))
        self.at = min(self.at, now - timedelta(minutes=20))
        self.village = Area.objects.get(parent_id=TOWN, name=story.village)
        self.grid = chance.choice(list(Area.objects.filter(parent=self.village).order_by("code")))

    def later(self, low: float, high: float) -> None:
        """Let minutes pass, but never beyond now."""
        self.at = min(self.at + timedelta(minutes=self.chance.uniform(low, high)), self.now - timedelta(minutes=1))

    def as_post(self, post: Post) -> Actor:
        """The actor of a post."""
        return staff_actor(post.user, post)

    def tell(self) -> None:
        """Every deed at its time."""
        story, dispatcher = self.story, self.town.posts["caoshijie"]
        receipt = self.report()
        case = Case.objects.get(county=COUNTY, id=receipt.case_id)
        number = case.number
        if story.end in {"new", "spot", "tip"}:
            return
        self.later(8, 70)
        if story.end == "taken":
            with clock.at(self.at):
                actions.take_case(actor=self.as_post(self.town.heads[self.village.code]), number=number)
            return
        if story.end in {"rejected", "withdrawn"}:
            with clock.at(self.at):
                if story.end == "rejected":
                    actions.reject_case(
                        actor=self.as_post(dispatcher), number=number, reason="judicial", text=story.result
                    )
                else:
                    report = get_report_by_tracking(self.as_post(dispatcher), code=receipt.tracking_code)
                    actions.withdraw_report(actor=reporter_actor(report), text=story.result)
            return
        if story.end == "raised":
            head = self.as_post(self.town.heads[self.village.code])
            with clock.at(self.at):
                actions.take_case(actor=head, number=number)
            self.later(900, 1500)
            with clock.at(self.at):
                proposed = suggest_dispatch(self.as_post(dispatcher), case=case, text=story.text).lead
                actions.report_up(
                    actor=head, number=number, tried=story.result, proposed_id=proposed.unit.id if proposed else None
                )
            return
        with clock.at(self.at):
            here = self.as_post(dispatcher)
            proposal = suggest_dispatch(here, case=case, text=story.text)
            lead = proposal.lead.unit.id if proposal.lead else self.town.units[self.village.code].id
            actions.dispatch_case(
                actor=here,
                number=number,
                lead_id=lead,
                assistant_ids=[assistant.unit.id for assistant in proposal.assistants],
                category=proposal.category.category.code if proposal.category else "9901",
            )
        if story.end == "dispatched":
            return
        handler = self.as_post(self.post_of(lead))
        self.later(10, 110)
        with clock.at(self.at):
            actions.sign_case(actor=handler, number=number)
            if story.channel == "phone" or self.number % 2:
                actions.record_contact(actor=handler, number=number, text="打电话问清了情况，约好去看。")
        if story.end == "doing":
            return
        self.finish(handler, number, story.result)
        self.answer(receipt, handler, number)

    def report(self) -> Receipt:
        """The first word, by resident, caller or grid worker."""
        story = self.story
        lon, lat = self.point()
        has_phone = story.channel != "grid_worker" and self.number % 3 != 0
        intake = Intake(
            text=story.text,
            client_key=UUID(int=self.chance.getrandbits(128), version=4),
            kind=story.kind,
            lon=lon,
            lat=lat,
            place=story.place,
            reporter_name=self.chance.choice("王李张刘孔孟徐赵") + "先生" if has_phone else "",
            reporter_phone=f"1540001{self.number:04d}" if has_phone else "",
        )
        with clock.at(self.at):
            if story.channel == "snap_report":
                actor = public_actor(TOWN, "snap_report")
            elif story.channel == "phone":
                actor = self.as_post(self.town.posts["caoshijie"])
            else:
                actor = self.as_post(self.town.workers[self.grid.code])
            if story.end == "spot":
                return actions.submit_solved(
                    actor=actor, intake=intake, door=self.grid.code, channel="grid_worker", result=story.result
                )
            return actions.submit_report(actor=actor, intake=intake, door=TOWN, channel=story.channel)

    def finish(self, handler: Actor, number: str, result: str) -> None:
        """A day or two later."""
        self.later(0.4 * 1440, 1.8 * 1440)
        with clock.at(self.at):
            case = actions.finish_case(actor=handler, number=number, result=result)
        if case.status == "verifying" and self.story.end != "verifying":
            head = self.town.heads[self.village.code]
            verifier = head if case.owner_id == head.unit_id else self.town.posts["caoshijie"]
            self.later(60, 600)
            with clock.at(self.at):
                actions.verify_case(
                    actor=self.as_post(verifier), number=number, is_passed=True, text="去看了，办到了。"
                )

    def answer(self, receipt: Receipt, handler: Actor, number: str) -> None:
        """What the reporter says, where he says anything."""
        story = self.story
        report = get_report_by_tracking(handler, code=receipt.tracking_code)
        reporter = reporter_actor(report)
        if story.end == "redone":
            self.later(200, 700)
            with clock.at(self.at):
                actions.rate_report(
                    actor=reporter, result="dissatisfied", reasons=["没修好"], text="过了两天又堆上了。"
                )
            return
        if story.rating == "dissatisfied-then-satisfied":
            self.later(200, 700)
            with clock.at(self.at):
                actions.rate_report(actor=reporter, result="dissatisfied", text="关了一天，又响了。")
            self.finish(handler, number, "又检查一次，换了隔音门，老板写了保证。")
            self.later(300, 900)
            with clock.at(self.at):
                actions.rate_report(actor=reporter, result="satisfied")
        elif story.rating:
            self.later(100, 1400)
            with clock.at(self.at):
                actions.rate_report(actor=reporter, result=story.rating)
        elif story.end == "silent":
            with clock.at(min(self.at + timedelta(days=7, minutes=9), self.now)):
                actions.close_unanswered(actor=system("close_unanswered_callbacks"))

    def post_of(self, unit_id: UUID) -> Post:
        """Who signs for a unit."""
        return (
            Post.objects.filter(unit_id=unit_id, role_id__in=("handler", "grid_head"))
            .select_related("user", "unit", "role")
            .prefetch_related("areas")
            .order_by("role_id")
            .first()
        ) or self.town.heads[self.village.code]

    def point(self) -> tuple[float, float]:
        """Somewhere in the grid."""
        polygon = shape(Border.objects.get(area=self.grid).geometry)
        west, south, east, north = polygon.bounds
        while True:
            spot = Point(self.chance.uniform(west, east), self.chance.uniform(south, north))
            if polygon.contains(spot):
                return round(spot.x, 6), round(spot.y, 6)
