from yijiaan.core.permissions import declare

MAKE_PLATES = declare("registry.make_plates", "做数字门牌", roles=("dispatcher", "centre_head", "county_dispatcher"))
