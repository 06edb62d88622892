from yijiaan.core.permissions import declare

CENTRE = ("dispatcher", "centre_head", "county_dispatcher")
VILLAGE = ("grid_worker", "grid_head")

MAKE_PLATES = declare("registry.make_plates", "做数字门牌", roles=CENTRE)
NUMBER_PLATES = declare("registry.number_plates", "定门牌样式和老门牌编号", roles=("county_dispatcher",))
WRITE_PLATES = declare("registry.write_plates", "排印门牌")  # a job
KEEP_SOURCES = declare("registry.keep_sources", "管报事源头名单", roles=("grid_head", *CENTRE))
SEE_PEOPLE = declare("registry.see_people", "看基础数据", roles=(*VILLAGE, *CENTRE))
CHANGE = declare("registry.change", "登记和提出变更", roles=(*VILLAGE, *CENTRE))
CONFIRM = declare("registry.confirm", "确认基础数据的变更", roles=("grid_head", *CENTRE))
MERGE = declare("registry.merge", "并档和拆档", roles=CENTRE)
SEE_CARE = declare("registry.see_care", "看谁是关爱对象", roles=(*VILLAGE, *CENTRE))
KEEP_CARE = declare("registry.keep_care", "管关爱对象名单", roles=("grid_head", *CENTRE))
SEE_IDENTITY = declare("registry.see_identity", "查看姓名、电话和证件号码", roles=(*VILLAGE, *CENTRE))
