from yijiaan.core.permissions import declare

VIEW = declare(
    "insight.view",
    "看指挥台和大屏",
    roles=("dispatcher", "centre_head", "county_dispatcher", "town_leader"),
)
