from yijiaan.core.permissions import declare

MAKE_PLATES = declare("registry.make_plates", "做数字门牌", roles=("dispatcher", "centre_head", "county_dispatcher"))
KEEP_SOURCES = declare(
    "registry.keep_sources", "管报事源头名单", roles=("grid_head", "dispatcher", "centre_head", "county_dispatcher")
)
