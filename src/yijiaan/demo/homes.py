"""Who lives in four grids of 新驿镇, and what stands there. Every name is invented; nobody has an identity number here."""

import random
from datetime import date, datetime, timedelta
from uuid import UUID

from yijiaan.areas.models import Area
from yijiaan.core import clock
from yijiaan.core.scope import Actor
from yijiaan.demo.people import GIVEN, SURNAMES, TOWN, Cast
from yijiaan.demo.plans import Country
from yijiaan.registry import actions
from yijiaan.registry.models import Household, Person

HOMES = 100
GRIDS = 4
STREETS = ("东街", "西街", "前街", "后街", "老井巷", "槐树巷")
CHILDREN = "子涵 雨桐 浩然 欣怡 宇航 梓萱 一诺 俊杰 思远 可馨 明轩 佳怡".split()  # noqa: SIM905
WORK = ("务农", "外出务工", "个体经营", "工厂工人", "教师", "司机", "木工", "退休")
FIRMS = (
    ("organisation", {"name": "新驿丰收粮油店", "kind": "shop", "staff_count": "4", "risk_grade": "low"}),
    ("organisation", {"name": "新驿老槐面馆", "kind": "shop", "staff_count": "6", "risk_grade": "general"}),
    ("organisation", {"name": "新驿永固水泥制品厂", "kind": "company", "staff_count": "38", "risk_grade": "larger"}),
    ("organisation", {"name": "新驿绿禾蔬菜合作社", "kind": "farm", "staff_count": "21", "risk_grade": "low"}),
    ("organisation", {"name": "新驿向阳幼儿园", "kind": "school", "staff_count": "17", "risk_grade": "general"}),
    ("place", {"name": "文化广场", "kind": "square", "capacity": "300"}),
    ("place", {"name": "幸福院", "kind": "elderly", "capacity": "40"}),
    ("place", {"name": "村东坑塘", "kind": "water", "risk_grade": "general"}),
    ("facility", {"name": "变压器", "owner_unit": "新驿供电所", "state": "fine"}),
    ("facility", {"name": "路灯 12 号杆", "owner_unit": "新驿供电所", "state": "worn"}),
    ("facility", {"name": "消防栓", "owner_unit": "新驿供水站", "state": "fine"}),
)
CARE = (("elder_alone", 70), ("elder_80", 80))


class Settlement:
    """Writes down one grid after another, as the heads of the villages did."""

    def __init__(self, cast: Cast, land: Country, today: date) -> None:
        self.cast, self.land, self.today = cast, land, today
        self.chance = random.Random(20261201)  # noqa: S311 - a fixed cast
        self.people: list[Person] = []
        self.home_of: dict[UUID, UUID] = {}  # person -> household
        self.phone = 0

    def key(self) -> UUID:
        """The same key in every load."""
        return UUID(int=self.chance.getrandbits(128), version=4)

    def head(self, grid: str) -> Actor:
        """Who writes for a grid: the head of its village."""
        return self.cast.handlers[self.cast.units[grid[:12]].id]

    def home(self, grid: str, number: int) -> None:
        """One household with two to five people of two or three generations."""
        chance, actor = self.chance, self.head(grid)
        address = f"{STREETS[number // 18 % len(STREETS)]} {number % 18 + 1} 号"
        facts = {"address": address, "kind": "family", "household_no": f"{grid[6:]}{number:04d}"}
        home: Household = actions.add_record(
            actor=actor, kind="household", area_code=grid, values=facts, source="visit", client_key=self.key()
        )
        surname = chance.choice(SURNAMES)
        age = chance.randrange(38, 88)
        self.person(actor, home, "head", surname + chance.choice(GIVEN), "male", age, phone=True)
        if chance.random() < (0.9 if age < 70 else 0.6):
            self.person(
                actor,
                home,
                "spouse",
                chance.choice(SURNAMES) + chance.choice(GIVEN),
                "female",
                age - chance.randrange(-2, 4),
            )
        for _ in range(chance.choice((0, 1, 1, 2)) if age < 72 else 0):
            sex = chance.choice(("male", "female"))
            name = surname + chance.choice(CHILDREN if age < 55 else GIVEN)
            self.person(actor, home, "child", name, sex, max(0, age - chance.randrange(24, 31)))
        if 55 < age < 75 and chance.random() < 0.45:
            self.person(
                actor,
                home,
                "grandchild",
                surname + chance.choice(CHILDREN),
                chance.choice(("male", "female")),
                chance.randrange(1, 14),
            )

    def person(
        self, actor: Actor, home: Household, relation: str, name: str, sex: str, age: int, *, phone: bool = False
    ) -> None:  # fmt: skip
        """Somebody of an age."""
        chance = self.chance
        born = self.today - timedelta(days=365 * age + chance.randrange(1, 360))
        facts: dict[str, str] = {
            "name": name,
            "sex": sex,
            "birth_on": born.isoformat(),
            "kind": "registered",
            "nation": "汉族",
        }
        if phone or (age > 17 and chance.random() < 0.5):
            self.phone += 1
            facts["phone"] = f"1540200{self.phone:04d}"
        if chance.random() < 0.8:
            facts["residence"] = "same" if chance.random() < 0.8 else "away"
        if age > 22 and chance.random() < 0.5:
            facts["occupation"] = "退休" if age > 66 else chance.choice(WORK[:-1])
        made = actions.add_person(
            actor=actor, household_id=home.id, relation=relation, values=facts, source="visit", client_key=self.key()
        )
        self.people.append(made)
        self.home_of[made.id] = home.id

    def firms(self, grids: list[str]) -> None:
        """What stands in these grids, each at its point."""
        for number, (kind, facts) in enumerate(FIRMS):
            grid = grids[number % len(grids)]
            lon, lat = self.land.point(grid, self.chance)
            values = {
                **facts,
                "address": f"{self.chance.choice(STREETS)} {number + 1} 号",
                "lon": str(lon),
                "lat": str(lat),
            }
            actions.add_record(
                actor=self.cast.dispatchers[TOWN][0], kind=kind, area_code=grid, values=values, source="office",
                client_key=self.key(),
            )  # fmt: skip

    def care(self) -> None:
        """The old who live alone and the very old, with a basis and a day of review."""
        sizes: dict[UUID, int] = {}
        for home_id in self.home_of.values():
            sizes[home_id] = sizes.get(home_id, 0) + 1
        for person in self.people:
            age = (self.today - person.birth_on).days // 365 if person.birth_on else 0
            for kind, least in CARE:
                if age >= least and (kind != "elder_alone" or sizes[self.home_of[person.id]] == 1):
                    review = clock.local_day() + timedelta(days=self.chance.choice((50, 150, 180)))
                    facts = actions.CareFacts(kind, "statute", "老年人关爱服务办法", review_on=review)
                    head = self.head(person.area_code)
                    actions.add_care(actor=head, person_id=person.id, facts=facts, client_key=self.key())

    def proposals(self, now: datetime, grid: str) -> None:
        """The grid worker heard of two things that the head has not looked at yet."""
        worker = self.cast.workers[grid]
        mine = [person for person in self.people if person.area_code == grid and person.phone_sealed]
        with clock.at(_at(now, 2, 16.3)):
            for person, values in (
                (mine[0], {"phone": "15402008888"}),
                (mine[1], {"occupation": "外出务工", "residence": "away"}),
            ):
                if all(getattr(person, key, "") != value for key, value in values.items()):
                    actions.change_facts(
                        actor=worker,
                        kind="person",
                        record_id=person.id,
                        values=values,
                        source="visit",
                        client_key=self.key(),
                    )


def _at(now: datetime, days: int, hour: float) -> datetime:
    """An hour of a day so long ago."""
    return clock.day_start(clock.local_day(now) - timedelta(days=days)) + timedelta(hours=hour)


def settle_homes(cast: Cast, land: Country, now: datetime, days: int) -> None:
    """A hundred households in four grids of 新驿一村 and its neighbour; one of them nobody has looked at for most of a year."""
    first = Area.objects.get(code__startswith=TOWN, level="village", name="新驿一村").code
    villages = sorted(code for code in land.by_village if code.startswith(TOWN))
    others = [grid for code in villages if code > first for grid in land.by_village[code]]
    grids = [*land.by_village[first], *others][:GRIDS]
    settled = Settlement(cast, land, clock.local_day(now))
    with clock.at(_at(now, min(days, 300), 9.7)):
        settled.home(grids[0], 1)
    with clock.at(_at(now, min(days, 60), 10.2)):
        for number in range(2, HOMES + 1):
            settled.home(grids[number % len(grids)], number)
        settled.firms(grids)
        settled.care()
    settled.proposals(
        now, next((grid for grid in grids if Area.objects.get(code=grid).name == "新驿一村第2网格"), grids[0])
    )
