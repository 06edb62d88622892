import re
from datetime import datetime

import pytest

from yijiaan.core import clock
from yijiaan.demo.load import load_demo

SCALE = 0.03
NOW = datetime(2026, 11, 26, 8, 30, tzinfo=clock.SHANGHAI)  # a Thursday


# what must never be read: the words of the burden law, and what the plain has not
TACTLESS = (
    "打卡", "签到", "在线时长", "学习时长", "排名", "排行", "积分", "点赞", "转发量", "活跃率", "重点人员", "刁民", "上访户",
    "地铁", "山坡", "上山", "山上", "山里", "海边", "梯田", "水稻", "插秧", "领导高度重视", "100%",
)  # fmt: skip
UNFINISHED = re.compile(r"[{}|$]")


@pytest.fixture
def load(settings, tmp_path):
    """Load the demo as of one morning, smaller and shorter than usual; returns the number of cases."""

    def loaded(scale=SCALE, days=120):
        settings.VAR = tmp_path
        with clock.at(NOW):
            return load_demo(scale=scale, days=days)

    return loaded
